"""What is watched of a version: quantities, with limits from its package's reference and from [guard]."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.context import Moment
from bentos.control.guard.quantities import (
    FALLBACK,
    NO_SCORES,
    ORDER,
    SLOW,
    TAILS,
    TOO_HIGH,
    TOO_LOW,
    UNKNOWN,
    UNSOUND,
)
from bentos.control.outcome_delay import outcome_delay
from models.declaration.availability import offset_seconds
from models.declaration.declaration import Declaration
from models.declaration.sections import GuardSection
from models.gate.reading import reference_frame
from models.package import MANIFEST, TRAINING, read_declaration, sha256
from monitoring.guard.evidence import Odds
from monitoring.guard.limits import discordance_limit, share_limit
from monitoring.guard.ordering import discordance
from monitoring.guard.quantity import Quantity, Unwatched
from monitoring.guard.sketch import ScoreSketch
from monitoring.guard.unit import Unit

if TYPE_CHECKING:
    import pandas as pd

RARE = (0.01, 0.99)  # quantiles of the reference beyond which a score is in the tails
CHANCE = 0.5  # discordance of an order that knows nothing
DAY = 86400.0  # seconds; how late outcomes are where nothing says so
BATCH = 20  # rows that stand for a request where most requests have one
ANSWERS = Unit("answers")
PAIRS = Unit("explored requests", "of the pairs in the wrong order")
CANDIDATES = Unit("requests", "of the candidates")
EXCESS = Unit("explored requests", "on average", "excess")
LABELLED = Odds(run_length=1e6)
"""Looks with matured outcomes between two false alarms: at 1% explored, a hundred million answers."""


@dataclass(frozen=True)
class WatchedVersion:
    """One version as the guard sees it.

    `package` is its manifest's digest, `tails` the quantiles of the reference between which scores usually
    lie, and `delay` the seconds after which its outcomes are known. `leads`: its reference shows a lead over
    chance.
    """

    version: str
    package: str
    declared: Declaration
    quantities: tuple[Quantity, ...]
    tails: tuple[float, float]
    delay: float
    leads: bool = True
    unwatched: tuple[Unwatched, ...] = ()

    def compared(self, order: Quantity | Unwatched) -> WatchedVersion:
        """The same, with its order watched against another version's, or not."""
        if isinstance(order, Quantity):
            return replace(self, quantities=(*self.quantities, order))
        return replace(self, unwatched=(*self.unwatched, order))

    @property
    def probabilities(self) -> bool:
        """Whether scores say how likely a 1 is."""
        return not self.declared.ranks


def read_watched(folder: Path, section: GuardSection) -> WatchedVersion:
    """What to watch of the version in `folder` by itself, without another one to compare it with."""
    declared = read_declaration(folder)
    frame = reference_frame(folder, declared)
    scores = frame["score"].to_numpy(np.float64)
    sketch = ScoreSketch()
    sketch.update(scores)
    low, high = sketch.quantiles(RARE)
    order = _order(discordances(frame))
    return WatchedVersion(
        version=folder.name,
        package=sha256(folder / MANIFEST),
        declared=declared,
        quantities=(*_quantities(frame, declared, section), order),
        tails=(float(low), float(high)),
        delay=_delay(folder, section),
        leads=order.limit != CHANCE,
        unwatched=tuple(_unwatched(declared)),
    )


def shows_lead(folder: Path) -> bool:
    """Whether the reference of the version in `folder` shows a lead over chance."""
    return _order(discordances(reference_frame(folder, read_declaration(folder)))).limit != CHANCE


def shared_quantities(section: GuardSection) -> list[Quantity]:
    """What all versions share. Its trips are put on record as shared faults; they stop no version."""
    return [
        Quantity(NO_SCORES, "seconds", 0.05, "rule", unit=ANSWERS),
        Quantity(UNKNOWN, "minutes", section.unknown, "[guard] unknown", unit=CANDIDATES),
    ]


def moments(folder: Path, declared: Declaration) -> list[Moment]:
    """Times and contexts of the requests that training and evaluation saw, by time; empty without times."""
    import pandas as pd

    names = [*declared.spec.context_numeric]
    if not names:  # pandas has no records of rows without columns
        return []
    parts = [reference_frame(folder, declared)]
    if (folder / TRAINING).is_file():
        parts.append(pd.read_parquet(folder / TRAINING))
    first = pd.concat([part.drop_duplicates("request")[["time", *names]] for part in parts])
    first = first[np.isfinite(first["time"])].sort_values("time")
    values = first[names].astype(np.float64).astype(object).to_dict("records")
    whole = [{name: value for name, value in one.items() if value == value} for one in values]  # noqa: PLR0124
    return list(zip(first["time"].tolist(), whole, strict=True))


def _quantities(frame: pd.DataFrame, declared: Declaration, section: GuardSection) -> Iterator[Quantity]:
    requests = frame["request"].nunique()
    none = share_limit(0, requests)
    for name in (FALLBACK, UNSOUND):
        yield Quantity(name, "seconds", none, f"none of {requests} in the reference", unit=ANSWERS)
    yield Quantity(SLOW, "seconds", 0.05, f"[guard] slow: {section.slow:g} s", unit=ANSWERS)
    yield Quantity(TAILS, "minutes", section.tails, "[guard] tails", unit=Unit("requests", "of the scores"))
    if not declared.ranks:
        limit = 0.5 + section.calibration / 2
        for name in (TOO_LOW, TOO_HIGH):
            yield Quantity(name, "hours", limit, "[guard] calibration", LABELLED, unit=EXCESS)


def _unwatched(declared: Declaration) -> Iterator[Unwatched]:
    if declared.ranks:
        for name in (TOO_LOW, TOO_HIGH):
            yield Unwatched(name, "hours", f"scores are no probabilities ({declared.ranker.loss})")


def _order(lead: list[float]) -> Quantity:
    """A version whose reference shows no lead that it could lose must not be worse than chance."""
    of = f"{len(lead)} requests of the reference"
    try:
        return Quantity(ORDER, "hours", discordance_limit(lead), of, LABELLED, unit=PAIRS)
    except ValueError:
        return Quantity(ORDER, "hours", CHANCE, f"chance: no lead of its own in {of}", LABELLED, unit=PAIRS)


def discordances(frame: pd.DataFrame) -> list[float]:
    """`ordering.discordance` of each of the reference's requests that tells something.

    Where most requests have a single row, random batches of rows stand for requests.
    """
    scores, labels = frame["score"].to_numpy(np.float64), frame["label"].to_numpy(np.float64)
    found = (discordance(scores[rows], labels[rows]) for rows in _requests(frame["request"].to_numpy()))
    return [each for each in found if each is not None]


def _requests(request: NDArray[Any]) -> Sequence[NDArray[np.int64]]:
    starts = np.flatnonzero(np.concatenate(([True], request[1:] != request[:-1])))
    if len(request) < 2 * len(starts):
        mixed = np.random.default_rng(0).permutation(len(request))
        return [mixed[low : low + BATCH] for low in range(0, len(mixed), BATCH)]
    return np.split(np.arange(len(request)), starts[1:])


def _delay(folder: Path, section: GuardSection) -> float:
    """Seconds after which outcomes are known: declared, else as training saw it."""
    declared = None if section.matured_after is None else offset_seconds(section.matured_after) or 0.0
    found = outcome_delay(folder, declared)
    return DAY if found is None else found
