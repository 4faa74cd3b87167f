"""Time-aware history: what was known of a key's outcomes at the end of the day before. numpy only, pure.

An outcome counts from the day after the one in which it became known, so no value of a day depends on any
outcome that became known on that day or later.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Outcomes:
    """n rows: the day asked for, the day the outcome became known (day numbers from 0), and the outcome."""

    day: NDArray[np.int64]
    known_day: NDArray[np.int64]
    value: NDArray[np.float64]

    @property
    def days(self) -> int:
        """Number of days that the daily tables need."""
        return int(max(self.day.max(), self.known_day.max())) + 1


@dataclass(frozen=True)
class History:
    """Daily sums (keys, days + 1) of outcomes known on earlier days, for one way of keying the rows."""

    code: NDArray[np.int64]
    outcomes: Outcomes
    total: NDArray[np.float64]
    count: NDArray[np.float64]

    @classmethod
    def of(cls, code: NDArray[np.int64], outcomes: Outcomes) -> History:
        """Sum the outcomes by key and by the day they became known; `code` numbers the keys from 0."""
        shape = (int(code.max()) + 1, outcomes.days + 1)
        total, count = np.zeros(shape), np.zeros(shape)
        np.add.at(total, (code, outcomes.known_day + 1), outcomes.value)
        np.add.at(count, (code, outcomes.known_day + 1), 1.0)
        return cls(code, outcomes, total.cumsum(axis=1), count.cumsum(axis=1))

    def mean(self, shrink: float, window: int | None = None) -> NDArray[np.float32]:
        """Mean outcome of the row's key over all earlier days, or the last `window` of them.

        (Σ value + shrink · overall) / (n + shrink), where the overall mean is of the same days; NaN before
        the first outcome of all.
        """
        total, count = self._sums(self.total, window), self._sums(self.count, window)
        with np.errstate(invalid="ignore", divide="ignore"):
            overall = self._overall(self.total, window) / self._overall(self.count, window)
            return np.asarray((total + shrink * overall) / (count + shrink), dtype=np.float32)

    def _sums(self, table: NDArray[np.float64], window: int | None) -> NDArray[np.float64]:
        day = self.outcomes.day
        upto: NDArray[np.float64] = table[self.code, day]
        return upto if window is None else upto - table[self.code, np.maximum(day - window, 0)]

    def _overall(self, table: NDArray[np.float64], window: int | None) -> NDArray[np.float64]:
        day, daily = self.outcomes.day, table.sum(axis=0)
        upto: NDArray[np.float64] = daily[day]
        return upto if window is None else upto - daily[np.maximum(day - window, 0)]
