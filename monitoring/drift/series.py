"""A quantity over time as sums by block: how often, how well, how far off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY = 86400.0
LEAST_DAYS = (10, 5)
"""Days that the reference and the current window must have, for days to be blocks."""


@dataclass(frozen=True)
class Series:
    """Blocks (n): the time each begins (unix s), a sum, its weight, and whether it is of the current window.

    The quantity of some blocks is the sum of their sums divided by the sum of their weights. A difference
    below `least` is never called one, however sure. Blocks without weight say nothing, and are left out.
    """

    name: str
    time: Floats
    sums: Floats
    weights: Floats
    current: NDArray[np.bool_]
    least: float = 0.0

    def in_time(self) -> Series:
        """The blocks in the order of their time."""
        return self._taken(np.argsort(self.time, kind="stable"))

    def known(self) -> Series:
        """The blocks that have a weight."""
        return self._taken(np.flatnonzero(self.weights > 0))

    def merged(self, most: int) -> Series:
        """Neighbours added up, so that at most `most` blocks are left."""
        size = -(-len(self.time) // most)
        if size <= 1:
            return self
        starts = np.arange(0, len(self.time), size)
        return Series(
            self.name,
            self.time[starts],
            np.add.reduceat(self.sums, starts),
            np.add.reduceat(self.weights, starts),
            self.current[starts],
            self.least,
        )

    def by_day(self) -> Series:
        """Days as blocks, where both windows have enough of them: a day's requests share its weather."""
        some = self.known()
        days = np.floor(some.time / DAY)
        counts = [len(np.unique(days[some.current == which])) for which in (False, True)]
        if counts[0] < LEAST_DAYS[0] or counts[1] < LEAST_DAYS[1]:
            return self
        found, block = np.unique(np.stack([days, some.current]), axis=1, return_inverse=True)
        sums, weights = (
            np.bincount(block.ravel(), each).astype(np.float64) for each in (some.sums, some.weights)
        )
        return Series(self.name, found[0] * DAY, sums, weights, found[1] > 0, self.least)

    def _taken(self, rows: NDArray[np.intp]) -> Series:
        return Series(
            self.name,
            self.time[rows],
            self.sums[rows],
            self.weights[rows],
            self.current[rows],
            self.least,
        )
