"""How good an order or a probability is, with intervals. Pure, numpy only but for `auc`'s ranks.

NDCG has gain 2^label − 1 (exponential; labels up to 31) or the label itself (linear; Järvelin & Kekäläinen
2002), and discount 1/log2(2 + position) (Burges et al. 2005). A request without a label
above 0 has no NDCG (NaN) and is left out of every mean. Items with equal scores get the mean of their gains:
the exact expectation over all ways to break the tie (McSherry & Najork 2008). So a constant score is worth
what a random order is, and no order of the table's rows helps or hurts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Gain = Literal["exponential", "linear"]
DRAWS = 1000
MANY = 200_000  # requests of which a mean is normal: a thousand draws of so many take minutes


@dataclass(frozen=True)
class MetricEstimate:
    """A mean over n requests with its 95% bootstrap interval."""

    value: float
    low: float
    high: float
    n: int


def gains(label: NDArray[np.generic], gain: Gain) -> Floats:
    """What an item of each grade is worth at the first position.

    >>> gains(np.array([0, 1, 3]), "exponential").tolist(), gains(np.array([0, 5000]), "linear").tolist()
    ([0.0, 1.0, 7.0], [0.0, 5000.0])
    """
    grade = np.asarray(label, dtype=np.float64)
    return grade if gain == "linear" else np.exp2(grade) - 1.0


def ndcg(
    label: NDArray[np.generic],
    score: NDArray[np.generic],
    starts: Rows,
    k: int,
    gain: Gain = "exponential",
) -> Floats:
    """NDCG@k by request, NaN where no label is above 0.

    Args:
        label: grades (n), 0 or more.
        score: (n), higher is better.
        starts: int64 (requests + 1), the rows of request r are starts[r]:starts[r + 1].

    Two requests; the second has its two best items the wrong way round:

    >>> label, score = np.array([2, 1, 0, 0, 1, 3]), np.array([0.9, 0.5, 0.1, 0.2, 0.8, 0.7])
    >>> [round(float(value), 3) for value in ndcg(label, score, np.array([0, 3, 6]), k=10)]
    [1.0, 0.71]
    """
    request = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    worth = gains(label, gain)
    weight = _discount(np.arange(len(request)) - starts[request], k)
    served = np.lexsort((-np.asarray(score, dtype=np.float64), request))
    got = np.bincount(request, _tied(worth[served], score[served], request) * weight, len(starts) - 1)
    best = np.bincount(request, worth[np.lexsort((-worth, request))] * weight, len(starts) - 1)
    return np.where(best > 0, got / np.where(best > 0, best, 1.0), np.nan)


def _discount(position: Rows, k: int) -> Floats:
    return np.where(position < k, 1.0 / np.log2(2.0 + position), 0.0)


def _tied(gain: Floats, score: NDArray[np.generic], request: Rows) -> Floats:
    """Each row's gain replaced by the mean over the rows of its request with the same score."""
    change = (request[1:] != request[:-1]) | (score[1:] != score[:-1])
    run = np.concatenate([[0], np.cumsum(change)]).astype(np.int64)[: len(gain)]
    return np.asarray((np.bincount(run, gain) / np.bincount(run))[run])


def ndcg_of_order(labels: NDArray[np.generic], k: int, gain: Gain = "exponential") -> float:
    """NDCG@k of one served order, from its items' labels, best position first; NaN where none is above 0.

    >>> round(ndcg_of_order(np.array([1, 3, 0]), k=10), 3)
    0.71
    """
    count = len(labels)
    if not count:
        return float("nan")
    return float(ndcg(labels, -np.arange(count), np.array([0, count]), k, gain)[0])


def bootstrap(values: Floats, seed: int = 0, draws: int = DRAWS) -> MetricEstimate:
    """Mean of the values that are not NaN, with the 2.5% and 97.5% quantiles of resampled means.

    Above MANY values it is the normal interval, which resampled means then have to within their own noise.

    >>> found = bootstrap(np.array([0.2, 0.4, 0.6, 0.8, np.nan]))
    >>> found.value, found.n, found.low < 0.5 < found.high
    (0.5, 4, True)
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return MetricEstimate(float("nan"), float("nan"), float("nan"), 0)
    if len(known) > MANY:
        centre, half = float(known.mean()), 1.96 * float(known.std()) / math.sqrt(len(known))
        return MetricEstimate(centre, centre - half, centre + half, len(known))
    draw = np.random.default_rng(seed)
    means = [known[draw.integers(0, len(known), len(known))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [0.025, 0.975])
    return MetricEstimate(float(known.mean()), float(low), float(high), len(known))


def auc(label: Floats, score: Floats) -> float:
    """Probability that a positive scores above a negative, ties counted half; NaN with one class only.

    >>> auc(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.6, 0.8]))
    0.75
    """
    from scipy.stats import rankdata

    positive = label > 0
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return float("nan")
    return float((rankdata(score)[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def auc_interval(label: Floats, score: Floats) -> MetricEstimate:
    """AUC with its 95% interval on the log-odds scale; NaN with one class only.

    The variance is that of the rows' placements among the other class (DeLong, DeLong & Clarke-Pearson,
    Biometrics 44 (1988), 837-845); the scale is Pepe's, The Statistical Evaluation of Medical Tests (2003),
    section 5.2.4. A sort of the rows, whatever their number.

    >>> found = auc_interval(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.6, 0.8]))
    >>> found.value, round(found.low, 2), round(found.high, 2)
    (0.75, 0.07, 0.99)
    """
    from scipy.stats import rankdata

    value, positive = auc(label, score), label > 0
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if min(ones, zeros) < 2 or value in {0.0, 1.0}:
        return MetricEstimate(value, value, value, len(label))
    rank = rankdata(score)
    above = (rank[positive] - rankdata(score[positive])) / zeros
    below = (rank[~positive] - rankdata(score[~positive])) / ones
    error = math.sqrt(above.var(ddof=1) / ones + below.var(ddof=1) / zeros)
    centre, half = math.log(value / (1 - value)), 1.96 * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-each)) for each in (centre - half, centre + half))
    return MetricEstimate(value, low, high, len(label))


def ece(label: Floats, probability: Floats, bins: int = 10) -> float:
    """Expected calibration error: Σ n_b/n · |mean probability − share of positives|, bins of equal width.

    >>> ece(np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.25, 0.25, 0.75, 0.75]))
    0.25
    """
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    said, seen = (np.bincount(place, each, bins) for each in (probability, label))
    return float(np.abs(said - seen).sum() / len(label))
