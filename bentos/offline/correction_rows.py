"""What has matured of the exploration slice: rows that a correction may be fitted on.

Only explored decisions of the version itself, whose outcomes had the declared time to come. A drawn order
shows each item at each position equally often, so that what a position does to an outcome is the same for
low scores and high ones. Where an answer was cut (`top_k`), a row stands for as many candidates as it had
chances: it weighs 1 / the probability that the draw showed it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bentos.home.state import Home
from bentos.offline.referenced import exploration_under
from bentos.offline.rescoring import Rescored, Rescorer, logged
from experiments.config.live import Exploration
from experiments.slates.policy import represented
from monitoring.calibration.rows import Rows
from monitoring.log.known_outcomes import Wanted, read_decisions, unusable, worth_of
from monitoring.log.plausible import newest
from monitoring.log.version_name import VersionName
from monitoring.log.window import window

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass
class Matured:
    """Rows with outcomes, and how many of the decisions gave none, by reason."""

    rows: Rows
    decisions: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    differing: int = 0
    """Decisions whose served scores did not come out again: of those, none may be fitted on."""


def latest(home: Home, now: float) -> float | None:
    """The log's own clock: the time of its last decisions, never later than `now` (unix seconds)."""
    with window(home.log, until=now) as log:
        found = log.sql(f"SELECT {newest()} AS last, count(*) AS decisions FROM decisions").iloc[0]  # noqa: S608
    return float(found["last"]) if found["decisions"] else None


class Span(NamedTuple):
    """Decisions made in [since, until), with what was known of them at `known_by`; unix seconds."""

    since: float
    until: float
    known_by: float


def matured(home: Home, ranker: str, version: str, span: Span) -> Matured:
    """What came of the explored decisions of one version.

    Scores are the model's own, worked out again. Raises CatalogueError, EngineError or ContextError where
    that can't be done.
    """
    with window(home.log, *span) as log:
        found = read_decisions(log, Wanted(explored=True, by=VersionName(ranker, version)))
    return _matured(found, Rescorer(home, home.version(version)), cache(partial(exploration_under, home)))


def _matured(found: pd.DataFrame, rescorer: Rescorer, exploration: Any) -> Matured:
    parts: list[Rows] = []
    gathered = Matured(Rows(*(np.empty(0) for _ in range(5))), len(found))  # type: ignore[arg-type]
    row: Any
    for number, row in enumerate(found.itertuples()):
        why = unusable(row)
        if why is not None:
            gathered.skipped[why] += 1
            continue
        again = rescorer.score(logged(row))
        if not again.same:
            gathered.differing += 1
            continue
        weights = shown(exploration(row.experiments), again.known, again.raw)
        if weights is None:
            gathered.skipped["with chances that nobody knows"] += 1
            continue
        parts.append(_rows(number, row, again, weights))
    if parts:
        gathered.rows = Rows(*(np.concatenate(each) for each in zip(*parts, strict=True)))
    return gathered


def _rows(number: int, row: Any, again: Rescored, weights: Floats) -> Rows:
    worth = worth_of(row)
    outcome = np.array([worth.get(row.candidates[place], np.nan) for place in row.slate], dtype=np.float64)
    kept = np.isfinite(outcome) & np.isfinite(again.raw)
    count = len(kept)
    # As the gate counts: whatever is above 0 is a 1.
    rows = Rows(
        np.full(count, row.time), np.full(count, number), again.raw, (outcome > 0).astype(float), weights
    )
    return rows.only(kept)


def shown(exploration: Exploration | None, known: int, served: Floats) -> Floats | None:
    """How many candidates each item of an explored slate stands for, float64 (served).

    `known` is the number of candidates that could be drawn, of which `served` has some. None where the
    chance to be shown is not known: no policy on record, or a cut slate drawn by Plackett-Luce.
    """
    if exploration is None:
        return None
    return represented(exploration, known, int(np.isfinite(served).sum()), len(served))
