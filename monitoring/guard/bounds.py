"""Whether a number is plausible: inside the reference's range, or not far outside of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FAR = 0.01  # of the values lie farther out, on each side


@dataclass(frozen=True)
class Bounds:
    """The reference's range, widened by its width on both sides; not below 0 where nothing in it was."""

    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Bounds:
        """From values of which none is missing.

        >>> Bounds.of([2.0, 12.0])
        Bounds(low=0.0, high=22.0)
        """
        low, high = min(values), max(values)
        width = high - low
        return cls(max(0.0, low - width) if low >= 0 else low - width, high + width)

    @classmethod
    def usual(cls, values: Sequence[float]) -> Bounds:
        """The same of the range where nearly all values are: a few far ones would hide another unit.

        From the 1% to the 99% quantile of those that are not the most frequent one, which is in it: where
        most are 0, the others say how far they go.

        >>> Bounds.usual([*range(101), 5000])
        Bounds(low=0.0, high=200.0)
        """
        found, counts = np.unique(np.asarray(values, np.float64), return_counts=True)
        most = float(found[np.argmax(counts)])
        others = np.repeat(found, np.where(found == most, 1, counts))
        first, last = (float(each) for each in np.quantile(others, (FAR, 1 - FAR), method="nearest"))
        low, high = min(first, most), max(last, most)
        wide = low - (high - low)
        return cls(wide if found[0] < 0 else max(0.0, wide), high + (high - low))

    def outside(self, value: float) -> float:
        """1.0 where a value is out of bounds, else 0.0."""
        return float(not self.low <= value <= self.high)
