"""Decisions with what came of their items: read together, and told which of them can be learnt from.

Off-policy values, refitted corrections, the exported slice and the guard all learn from the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from monitoring.log.plausible import newest
from monitoring.log.version_name import VersionName
from monitoring.log.window import LogWindow

if TYPE_CHECKING:
    import pandas as pd

BY_TIME = "time, request_id"
LATEST_FIRST = "time DESC"
TOGETHER = "model, snapshot, time"
"""Decisions of one version and catalogue snapshot one after the other, each group by time."""

UNDER_FALLBACK = "under a fallback"
WITHOUT_OUTCOMES = "without outcomes"
REDUCED = "with a reduced record"
REASONS = (WITHOUT_OUTCOMES, UNDER_FALLBACK, REDUCED)

WHOLE = "len(slate) = len(scores) AND len(candidates) > 0 AND digest IS NULL"
_SETTLED = f"time <= {newest()} - $settled"


@dataclass(frozen=True)
class Wanted:
    """Which decisions of a window are read, in which order.

    `explored`: only those of the exploration slice. `by`: only those that this version answered itself, under
    no fallback. `whole`: only those with all candidates on record. `settled` (seconds): none that is younger
    than that at the log's last decision. `most`: so many, the first in the order.
    """

    explored: bool = False
    by: VersionName | None = None
    whole: bool = False
    settled: float | None = None
    order: str = BY_TIME
    most: int | None = None

    @property
    def decided(self) -> str:
        """The SQL condition on a decision's plain columns; it also holds for the view `joined`."""
        return _all(["explored"] * self.explored, ["model = $model AND fallback IS NULL"] * bool(self.by))

    @property
    def kept(self) -> str:
        """The whole SQL condition, on columns of the view `decisions`."""
        return _all([self.decided], [WHOLE] * self.whole, [_SETTLED] * (self.settled is not None))

    @property
    def parameters(self) -> dict[str, object]:
        """What the `$names` in the conditions stand for."""
        by: dict[str, object] = {"model": str(self.by)} if self.by else {}
        return by | ({} if self.settled is None else {"settled": float(self.settled)})


def _all(*conditions: list[str]) -> str:
    return " AND ".join(chain(*conditions)) or "true"


def read_decisions(log: LogWindow, wanted: Wanted = Wanted()) -> pd.DataFrame:
    """A row per decision: columns of the view `decisions`, whether it is `whole`, and its known outcomes.

    `known_items`, `worth` and `known_at` are lists of equal lengths: items of the slate, as text, whose
    outcome is known, its latest value, and when it became known (unix s); missing where no outcome is.
    Left out are the columns that nobody who learns asks for: attributes, arms, team, rankers.
    """
    query = _DECISIONS.format(decided=wanted.decided, kept=wanted.kept, whole=WHOLE, order=wanted.order)
    limit = "" if wanted.most is None else f" LIMIT {wanted.most}"
    return log.sql(query + limit, wanted.parameters or None)


_DECISIONS = """
WITH known AS (
    SELECT request_id, list(item) AS known_items, list(value) AS worth, list(outcome_time) AS known_at
    FROM joined WHERE value IS NOT NULL AND {decided} GROUP BY request_id
)
SELECT decisions.* EXCLUDE (attributes, arms, team, rankers), {whole} AS whole, known_items, worth, known_at
FROM decisions LEFT JOIN known USING (request_id) WHERE {kept} ORDER BY {order}"""


def unusable(row: Any, fallbacks: bool = False) -> str | None:
    """Why nothing can be learnt from a row of `read_decisions`; None where something can.

    `fallbacks`: also from an answer under a fallback, which may have the scores of the champion.
    """
    if isinstance(row.fallback, str) and not fallbacks:
        return UNDER_FALLBACK
    if not has_outcomes(row):
        return WITHOUT_OUTCOMES
    return None if row.whole else REDUCED


def numbers(recorded: Any) -> NDArray[np.float64]:
    """A list of a record as DuckDB gives it, float64 (n): NaN where the record has null.

    What is null stands masked over a 0 there, which `np.asarray` would take for a number.
    """
    return np.asarray(np.ma.asarray(recorded, np.float64).filled(np.nan))


def has_outcomes(row: Any) -> bool:
    """Whether the outcome of any item is known."""
    return isinstance(row.known_items, list | np.ndarray)


def worth_of(row: Any) -> dict[str, float]:
    """By item, as text: its latest outcome."""
    return {item: value for item, (value, _) in told_of(row).items()}


def told_of(row: Any) -> dict[str, tuple[float, float]]:
    """By item, as text: its latest outcome, and when that became known (unix s)."""
    if not has_outcomes(row):
        return {}
    told = zip(row.worth, row.known_at, strict=True)
    return {item: (float(value), float(at)) for item, (value, at) in zip(row.known_items, told, strict=True)}
