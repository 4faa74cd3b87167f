"""Pure statistics of the gate: rank correlation, intervals, what is kept of an advantage. numpy only.

NDCG and calibration error are those of `models.training.ranking_metrics`.

Requests are given as `starts`: int64[requests + 1], the half-open ranges of rows that belong together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.training.ranking_metrics import ece

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def amounts(values: NDArray[Any], special: Sequence[float]) -> NDArray[Any]:
    """A column in which special values are missing: they stand for something else than an amount.

    >>> amounts(np.float32([3, -9]), (-9.0,)).tolist()
    [3.0, nan]
    """
    return np.where(np.isin(values, np.asarray(special, np.float32)), np.nan, values) if special else values


def order_within(scores: Floats, starts: Ints) -> Ints:
    """Row indexes, by request and then by descending score; ties keep the rows' order."""
    return np.lexsort((-scores, request_of(starts)))


def request_of(starts: Ints) -> Ints:
    """The request of each row."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


class GateEstimate(NamedTuple):
    """A figure with its 99% interval, from `n` requests or rows that had something to say."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} (99% {self.low:.3f} to {self.high:.3f}, n = {self.n:,})"


NOTHING = GateEstimate(np.nan, np.nan, np.nan, 0)


def mean(values: Floats, level: float = 0.99, draws: int = 1000, seed: int = 0) -> GateEstimate:
    """Mean of the finite values with its percentile-bootstrap interval, by request."""
    found = values[np.isfinite(values)]
    if len(found) == 0:
        return NOTHING
    means = found[resampling(len(found), draws, seed)].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return GateEstimate(float(found.mean()), float(low), float(high), len(found))


@lru_cache(maxsize=16)
def resampling(count: int, draws: int = 1000, seed: int = 0) -> NDArray[np.int32]:
    """Bootstrap resamples, (draws, count): each row the requests that one resample holds."""
    return np.random.default_rng(seed).integers(0, count, (draws, count), dtype=np.int32)


def kept(one: Floats, other: Floats, floor: Floats, level: float = 0.99, draws: int = 1000) -> GateEstimate:
    """Which share of `other`'s advantage over `floor` `one` has, all three by request.

    The interval is the percentile bootstrap's of the ratio, with requests paired. Nothing where `other` has
    no clear advantage to compare with.
    """
    finite = np.isfinite(one) & np.isfinite(other) & np.isfinite(floor)
    if not finite.any():
        return NOTHING
    own, its = one[finite] - floor[finite], other[finite] - floor[finite]
    drawn = resampling(len(own), draws)
    bottoms = its[drawn].mean(axis=1)
    if np.quantile(bottoms, 1 - level) <= 0:
        return NOTHING
    ratios = own[drawn].mean(axis=1) / bottoms
    low, high = np.quantile(ratios, [(1 - level) / 2, (1 + level) / 2])
    return GateEstimate(float(own.mean() / its.mean()), float(low), float(high), len(own))


def ranks_within(values: Floats, starts: Ints) -> Floats:
    """Mid-ranks inside each request, from 0: equal values share the mean of their places."""
    request = request_of(starts)
    order = np.lexsort((values, request))
    ordered = values[order]
    fresh = np.ones(len(values), bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]) | (request[order][1:] != request[order][:-1])
    first = np.flatnonzero(fresh)
    length = np.diff(np.append(first, len(values)))
    middle = np.repeat(first + (length - 1) / 2, length)
    ranks = np.empty(len(values))
    ranks[order] = middle
    return ranks - np.repeat(starts[:-1], np.diff(starts))


def spearman(one: Floats, other: Floats, starts: Ints) -> Floats:
    """Spearman's rank correlation of two columns by request, ties by mid-rank; NaN where one is constant."""
    sizes = np.diff(starts)
    a, b = (ranks_within(each, starts) - np.repeat((sizes - 1) / 2, sizes) for each in (one, other))
    both, aa, bb = (np.add.reduceat(product, starts[:-1]) for product in (a * b, a * a, b * b))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((aa > 0) & (bb > 0), both / np.sqrt(aa * bb), np.nan)


def wilson(successes: int, trials: int, z: float = 2.576) -> tuple[float, float]:
    """Wilson's score interval for a share (E. B. Wilson 1927); z = 2.576 for 99%. (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * np.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def calibration_noise(probabilities: Floats, draws: int = 50, seed: int = 0) -> float:
    """The calibration error that probabilities which are right have on average, by drawing their outcomes."""
    draw = np.random.default_rng(seed)
    drawn = (draw.random(len(probabilities)) < probabilities for _ in range(draws))
    return float(np.mean([ece(each.astype(float), probabilities) for each in drawn]))


def auc_by_row(scores: Floats, positive: NDArray[np.bool_]) -> Floats:
    """For each row, the share of the other class that it is on the right side of, ties counted half.

    The mean over either class is the area under the ROC curve, and their spread gives its variance (DeLong et
    al. 1988). NaN everywhere with one class only.
    """
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if ones == 0 or zeros == 0:
        return np.full(len(scores), np.nan)
    whole = ranks_within(scores, np.array([0, len(scores)]))
    parts = np.empty(len(scores))
    for side, count in ((positive, zeros), (~positive, ones)):
        own = ranks_within(scores[side], np.array([0, int(side.sum())]))
        parts[side] = (whole[side] - own) / count
    parts[~positive] = 1 - parts[~positive]
    return parts


def auc(parts: Floats, positive: NDArray[np.bool_], z: float = 2.576) -> GateEstimate:
    """The area from `auc_by_row`, or the difference of two from the difference of theirs; normal interval."""
    if not np.isfinite(parts).all() or positive.all() or not positive.any():
        return NOTHING
    spread = sum(float(side.var()) / len(side) for side in (parts[positive], parts[~positive]))
    value, half = float(parts[positive].mean()), z * float(np.sqrt(spread))
    return GateEstimate(value, value - half, value + half, len(parts))
