"""The last closed days against reference days, looked at every day, with a stated rate of false alarms.

Each look compares the last `WINDOW` closed days with the reference's days, by the distances and the
single-step maxT limits of `limits`, days being the blocks. A look spends `alpha` for all its columns; with
alpha = 1/365 a year of daily looks has one false alarm on average, since expectations add up whether looks
share days or not (linearity; no independence is needed).

Days are not exchangeable where one resembles the day before. A mean of such days varies more, by
(1 + r) / (1 - r) for a first-order dependence r (Bartlett, JRSS Suppl. 8 (1946), 27-41), so limits are
widened by the root of it. r is estimated from the reference's days, for each column, and its bias of
-(1 + 3r) / n is taken back (Kendall, Biometrika 41 (1954), 403-404).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.drift.bins import Counts, rank_distance, share_distance
from monitoring.drift.columns import Kind
from monitoring.drift.family import LEAST
from monitoring.drift.limits import divisions, limits
from monitoring.drift.sketches import ColumnSketch, counted

YEARLY = 1.0
"""False alarms a year for all columns and both comparisons together."""
WINDOW = 7
"""Closed days that are looked at: a whole week, so that a weekend is no drift."""
LEAST_REFERENCE = 10
"""Days that the reference must have."""
DIVISIONS = 4000
MOST_DEPENDENT = 0.8

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ColumnDays:
    """One column by day, in the days' order: those of the reference and the last closed ones."""

    reference: Sequence[ColumnSketch]
    current: Sequence[ColumnSketch]


@dataclass(frozen=True)
class DayDrift:
    """One column's distance of the last days from the reference's, and its limit; shares that are missing."""

    column: str
    distance: float
    limit: float
    dependence: float
    missing_reference: float
    missing_current: float

    @property
    def drifted(self) -> bool:
        """Whether the distance is beyond the limit."""
        return self.distance > self.limit


def look_alpha(yearly: float = YEARLY, comparisons: int = 2) -> float:
    """What one comparison of one day's look may spend, where there is a look every day."""
    return yearly / 365 / comparisons


def compare_days(columns: Mapping[str, ColumnDays], alpha: float, seed: int = 0) -> list[DayDrift] | str:
    """Each column's distance and limit; or a sentence: too little data to say.

    All columns have the same days. When nothing differs, any of them is beyond its limit with probability
    `alpha` at most; a distance under `family.LEAST` is no drift, however sure.
    """
    if not columns:
        return "too little data to say: no column has both a reference and closed days"
    first = next(iter(columns.values()))
    sizes = (len(first.reference), len(first.current))
    if sizes[0] < LEAST_REFERENCE or sizes[1] < WINDOW:
        return (
            f"too little data to say: {sizes[0]} days of the reference and {sizes[1]} closed days, where "
            f"{LEAST_REFERENCE} and {WINDOW} are needed"
        )
    by_chance = divisions(*sizes, np.random.default_rng(seed), DIVISIONS)
    actual = np.zeros((1, sum(sizes)), dtype=np.float32)
    actual[0, sizes[0] :] = 1
    tables = [counted([*each.reference, *each.current]) for each in columns.values()]
    pairs = [(each.reference[0].kind, table) for each, table in zip(columns.values(), tables, strict=True)]
    null = np.stack([_distance(kind, table, by_chance) for kind, table in pairs], axis=1)
    value = np.array([_distance(kind, table, actual)[0] for kind, table in pairs])
    dependence = np.array([day_dependence(table[: sizes[0]]) for table in tables])
    wider = np.sqrt((1 + dependence) / (1 - dependence))
    limit = np.maximum(limits(value / wider, null, alpha).limit * wider, LEAST)
    return [
        DayDrift(
            name,
            float(value[k]),
            float(limit[k]),
            float(dependence[k]),
            _missing(tables[k][: sizes[0]]),
            _missing(tables[k][sizes[0] :]),
        )
        for k, name in enumerate(columns)
    ]


def day_dependence(table: Counts) -> float:
    """How much a day's rows resemble those of the day before, 0 to `MOST_DEPENDENT`.

    `table` is (days, bins); a day is its mean place among the bins, in the order of all days' values.
    """
    total = table.sum(axis=0, dtype=np.float64)
    place = (np.cumsum(total) - total / 2) / max(total.sum(), 1.0)
    day = table @ place / np.maximum(table.sum(axis=1), 1.0)
    centred = day - day.mean()
    spread = float(centred @ centred)
    if spread < 1e-18:
        return 0.0
    raw = float(centred[1:] @ centred[:-1]) / spread
    return float(np.clip(raw + (1 + 3 * raw) / len(day), 0.0, MOST_DEPENDENT))


def _missing(table: Counts) -> float:
    return float(table[:, -1].sum() / max(float(table.sum()), 1.0))


def _distance(kind: Kind, counts: Counts, division: NDArray[np.float32]) -> Floats:
    current = division @ counts
    reference = counts.sum(axis=0, keepdims=True) - current
    return (rank_distance if kind == "numeric" else share_distance)(reference, current)
