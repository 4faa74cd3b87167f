"""How a quantity's mean and limit are said to people: both in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Unit:
    """`each` is what an observation is, in the plural; `of` what its value is of, where that is no 0 or 1.

    `scale`: a share (0 to 1) is said in percent, a plain figure as it is, and an excess, which was folded
    into 0 to 1 as (1 + excess) / 2, unfolded.
    """

    each: str = "observations"
    of: str = ""
    scale: Literal["share", "figure", "excess"] = "share"

    def say(self, value: float) -> str:
        """One value, as people read it.

        >>> Unit("contexts").say(0.25), Unit(scale="figure").say(0.354), Unit(scale="excess").say(0.575)
        ('25%', '0.354', '0.15')
        """
        if self.scale == "share":
            return f"{100 * value:.3g}%"
        return f"{2 * value - 1 if self.scale == 'excess' else value:.3g}"

    def observed(self, mean: float, count: int) -> str:
        """A mean of so many observations.

        >>> Unit("contexts").observed(0.5, 1200), Unit("requests", "of the candidates").observed(0.5, 12)
        ('50% of 1,200 contexts', '50% of the candidates in 12 requests')
        """
        where = f"{self.of} in" if self.of else "of"
        return f"{self.say(mean)} {where} {count:,} {self.each}"
