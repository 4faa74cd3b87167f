"""Limits for several statistics together, from how much each varies when chance divides the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DIVISIONS = 1000
FOUR_OF_FIVE = 0.8416
"""Standard deviations above a limit at which a figure must lie on average to pass it four times of five."""


@dataclass(frozen=True)
class Limits:
    """One limit per column: `mean` + `beyond` × `deviation` of its null, but never under the least effect."""

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    beyond: float
    limit: NDArray[np.float64]
    p: NDArray[np.float64]


def divisions(
    reference: int, current: int, rng: np.random.Generator, count: int = DIVISIONS
) -> NDArray[np.float32]:
    """(count, blocks): which of all blocks are called current, at random; 1 where they are."""
    chosen = np.zeros((count, reference + current), dtype=np.float32)
    chosen[:, reference:] = 1
    return rng.permuted(chosen, axis=1)


def limits(value: NDArray[np.float64], null: NDArray[np.float64], alpha: float, least: float = 0.0) -> Limits:
    """Single-step maxT: with probability `alpha` any of the columns passes its limit where nothing differs.

    `value` is (columns,), `null` (divisions, columns) the same statistics where chance divided the data;
    `p` is adjusted for the number of columns. Westfall & Young, Resampling-Based Multiple Testing (1993),
    section 2.6; Ge, Dudoit & Speed, TEST 12 (2003), 1-77.
    """
    mean, deviation = null.mean(axis=0), np.maximum(null.std(axis=0), 1e-9)
    largest = ((null - mean) / deviation).max(axis=1)
    beyond = float(np.quantile(largest, 1 - alpha, method="higher"))
    p = ((largest[:, None] >= (value - mean) / deviation).sum(axis=0) + 1) / (len(null) + 1)
    return Limits(mean, deviation, beyond, np.maximum(mean + beyond * deviation, least), p)
