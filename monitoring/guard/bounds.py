"""Whether a number is plausible: inside the reference's range, or not far outside of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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

    def outside(self, value: float) -> float:
        """1.0 where a value is out of bounds, else 0.0."""
        return float(not self.low <= value <= self.high)
