"""Means and correlations of rows of which those of one block are one observation. numpy, and SciPy's t."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from models.gate.stats import Floats, Ints


class BlockMean(NamedTuple):
    """A mean of `n` rows, and half of its interval."""

    value: float
    half: float
    n: int


def mean(values: Floats, blocks: Ints, alpha: float) -> BlockMean:
    """The mean with Student's one-sided bound at level `alpha`; `blocks` int64 by row."""
    value = float(values.mean()) if len(values) else np.nan
    return BlockMean(value, _margin(values - value, blocks, alpha), len(values))


def correlation(one: Floats, other: Floats, blocks: Ints, alpha: float) -> tuple[float, float]:
    """Pearson's correlation of two columns that vary, and the most that it may be, at level `alpha`.

    By Fisher's z, whose deviation is that of its influence function by block; never believed to be less than
    what independent rows have.
    """
    a, b = ((each - each.mean()) / each.std() for each in (one, other))
    value = float(np.clip((a * b).mean(), -0.9999, 0.9999))
    influence = (a * b - value * (a**2 + b**2) / 2) / (1 - value**2)
    independent = NormalDist().inv_cdf(1 - alpha) / float(np.sqrt(max(1, len(one) - 3)))
    half = max(_margin(influence, blocks, alpha), independent)
    return value, float(np.tanh(np.arctanh(value) + half))


def _margin(residuals: Floats, blocks: Ints, alpha: float) -> float:
    """How far the mean of residuals may be from 0, by Student's t of block sums (Liang & Zeger 1986)."""
    from scipy.special import stdtrit  # not while the Steward starts

    if len(residuals) == 0:
        return np.inf
    sums = np.bincount(np.unique(blocks, return_inverse=True)[1], residuals)
    count = len(sums)
    if count < 2:
        return np.inf
    deviation = np.sqrt(count / (count - 1) * np.square(sums).sum()) / len(residuals)
    return float(stdtrit(count - 1, 1 - alpha) * deviation)
