"""Columns as counts: of a column's values, how many of each block lie in each bin.

A block is what is drawn as a whole (a day, a request): rows inside it are alike. Everything that drift needs
to know of a column, under any re-division of the blocks, is a sum of rows of this table.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_POINTS = 32
MOST_CATEGORIES = 63

Counts = NDArray[np.float32]
"""Shape (blocks, bins). The last bin holds what is missing."""


def numeric_codes(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], int]:
    """(bin of each value, number of bins), bins in ascending order, the last one for NaN.

    Bins alternate between "equal to a point" and "between two points"; the points are the values where there
    are few, else their quantiles. So a column that is mostly zero, or constant, is told apart exactly.
    """
    present = values[~np.isnan(values)]
    points = np.unique(present)
    if len(points) > MOST_POINTS:
        points = np.unique(np.quantile(present, np.linspace(0, 1, MOST_POINTS), method="nearest"))
    codes = np.searchsorted(points, values, "left") + np.searchsorted(points, values, "right")
    bins = 2 * len(points) + 2
    codes[np.isnan(values)] = bins - 1
    return codes.astype(np.int64), bins


def category_codes(values: pd.Series[str]) -> tuple[NDArray[np.int64], int]:
    """(bin of each value, number of bins): the most frequent categories, all others, what is missing."""
    text = values.astype("object").where(values.notna(), None)
    codes, names = pd.factorize(text.map(lambda value: None if value is None else str(value)))
    frequency = np.bincount(codes[codes >= 0], minlength=len(names))
    ranks = np.empty(len(names) + 1, dtype=np.int64)
    ranks[np.argsort(-frequency, kind="stable")] = np.arange(len(names))
    ranks[len(names)] = -1  # where code -1, missing, looks it up
    others = min(len(names), MOST_CATEGORIES)
    bins = others + 2
    found = np.minimum(ranks[codes], others)
    return np.where(codes < 0, bins - 1, found), bins


def block_counts(blocks: NDArray[np.int64], codes: NDArray[np.int64], shape: tuple[int, int]) -> Counts:
    """Rows per block and bin; `shape` is (blocks, bins)."""
    counts = np.bincount(blocks * shape[1] + codes, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float32)


def rank_distance(one: Counts, other: Counts) -> NDArray[np.float64]:
    """How far apart two samples of a number are, (n, bins) counts each: 0 the same, 1 disjoint.

    The mean absolute difference of the two distribution functions over the pooled sample, twice (an L1 form
    of Cramér–von Mises), plus the difference of the shares missing. Monotone changes of unit leave it alike.
    """
    p, q = _shares(one[:, :-1]), _shares(other[:, :-1])
    gap = np.abs(np.cumsum(p, axis=1) - np.cumsum(q, axis=1))
    missing = _shares(one)[:, -1] - _shares(other)[:, -1]
    distance: NDArray[np.float64] = np.minimum((gap * (p + q)).sum(axis=1) + np.abs(missing), 1.0)
    return distance


def share_distance(one: Counts, other: Counts) -> NDArray[np.float64]:
    """Total variation, (n, bins) counts each: the share of rows that would have to change category."""
    distance: NDArray[np.float64] = np.abs(_shares(one) - _shares(other)).sum(axis=1) / 2
    return distance


def _shares(counts: Counts) -> NDArray[np.float64]:
    total = counts.sum(axis=1, keepdims=True, dtype=np.float64)
    shares: NDArray[np.float64] = counts / np.maximum(total, 1.0)
    return shares
