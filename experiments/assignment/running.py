"""Which experiments run at a moment, as bits of one number: nothing is asked of each at a request."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import xor
from typing import Self


@dataclass(frozen=True, slots=True)
class Running:
    """`bits[i]`: the experiments between the instants i − 1 and i (unix seconds), experiment n as bit n."""

    instants: tuple[float, ...]
    bits: tuple[int, ...]

    @classmethod
    def of(cls, periods: Sequence[tuple[float, float]]) -> Self:
        """Of each experiment's half-open [start, end); one that ends before it starts never runs."""
        turns: dict[float, int] = {}
        for number, (start, end) in enumerate(periods):
            if start < end:
                for instant in (start, end):
                    turns[instant] = turns.get(instant, 0) ^ 1 << number
        instants = tuple(sorted(turns))
        return cls(instants, tuple(accumulate((turns[instant] for instant in instants), xor, initial=0)))

    def at(self, now: float) -> int:
        """The bits of those that run at `now`."""
        return self.bits[bisect_right(self.instants, now)]
