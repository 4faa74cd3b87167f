"""Pure statistics of the gate: NDCG by request, rank correlation, intervals. numpy only.

Requests are given as `starts`: int64[requests + 1], the half-open ranges of rows that belong together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def dcg_gain(labels: Floats) -> Floats:
    """Gain 2^label − 1 (Burges et al. 2005), the same as in evaluation."""
    return np.exp2(labels) - 1.0


def order_within(scores: Floats, starts: Ints) -> Ints:
    """Row indexes, by request and then by descending score; ties keep the rows' order."""
    return np.lexsort((-scores, request_of(starts)))


def request_of(starts: Ints) -> Ints:
    """The request of each row."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def position_within(starts: Ints) -> Ints:
    """0, 1, 2 … inside each request."""
    return np.arange(starts[-1]) - np.repeat(starts[:-1], np.diff(starts))


def ndcg(labels: Floats, scores: Floats, starts: Ints, k: int = 10) -> Floats:
    """NDCG@k of each request; NaN where no label is above 0, which says nothing about an order."""
    weight = np.where(position_within(starts) < k, 1.0 / np.log2(position_within(starts) + 2.0), 0.0)
    gains = dcg_gain(labels)
    got = np.add.reduceat(gains[order_within(scores, starts)] * weight, starts[:-1])
    best = np.add.reduceat(gains[order_within(labels, starts)] * weight, starts[:-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(best > 0, got / best, np.nan)


def ndcg_of_chance(labels: Floats, starts: Ints, k: int = 10) -> Floats:
    """NDCG@k of each request that a uniformly random order has on average, exactly; NaN as in `ndcg`.

    By linearity: every position has the request's mean gain.
    """
    sizes = np.diff(starts)
    discounts = np.concatenate(([0.0], np.cumsum(1.0 / np.log2(np.arange(2, k + 2)))))
    gains = dcg_gain(labels)
    mean = np.add.reduceat(gains, starts[:-1]) / sizes
    weight = np.where(position_within(starts) < k, 1.0 / np.log2(position_within(starts) + 2.0), 0.0)
    best = np.add.reduceat(gains[order_within(labels, starts)] * weight, starts[:-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(best > 0, mean * discounts[np.minimum(sizes, k)] / best, np.nan)


def mean_interval(
    values: Floats, level: float = 0.99, draws: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean of the finite values with its percentile-bootstrap interval, by request; NaN for none."""
    found = values[np.isfinite(values)]
    if len(found) == 0:
        return np.nan, np.nan, np.nan
    drawn = np.random.default_rng(seed).multinomial(len(found), np.full(len(found), 1 / len(found)), draws)
    means = drawn @ found / len(found)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(found.mean()), float(low), float(high)


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


def calibration_error(probabilities: Floats, outcomes: Floats, bins: int = 10) -> float:
    """Expected calibration error over bins of equal count (Naeini et al. 2015, with quantile bins)."""
    order = np.argsort(probabilities, kind="stable")
    parts = np.array_split(order, min(bins, len(order)))
    gaps = [len(part) * abs(float(probabilities[part].mean() - outcomes[part].mean())) for part in parts]
    return float(sum(gaps) / len(order))


def auc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve by ranks (Mann–Whitney), ties counted half; NaN with one class only."""
    count = int(positive.sum())
    if count in (0, len(positive)):
        return float("nan")
    ranks = ranks_within(scores, np.array([0, len(scores)])) + 1
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(positive) - count)))
