"""Is a feature made of the labels that it is to predict? A category's mean outcome, taken over all rows.

Where rows of one value of a feature are grouped, their mean label lies about the line of label on feature as
far as chance throws it: the squared gaps, each over the variance of a mean of so many rows, add to about the
number of groups (chi-squared). A mean outcome that counts the very rows it stands in has no gaps at all. A
sum that is smaller than chance allows is Fisher's "too good to be true" (R. A. Fisher, 1936, on Mendel).

Of many rows, values are drawn, each with all its rows: a draw of rows would take groups apart. Where fewer
than MANY are drawn, all rows are taken. So many values show gaps that are a fifth smaller than chance makes
them (a deviate of LOW is a ratio of (1 − 4.5 / √(4.5 · MANY))³ = 0.81); an encoding has next to none.

What the candidates of a request share is left out: where every request has as many good ones, its mean label
is as even as the requests are, whatever the feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 200_000  # of which all values are taken
MANY = 1000  # values that rows share, which a draw has at least
LEAST = 8  # values that are shared by rows: with fewer, chance may give such a fit
LOW = -4.5  # standard deviations; of 300 features one in 1,000 tables has such a one by chance


def closeness(
    features: Mapping[str, NDArray[np.generic]], label: NDArray[np.float64], starts: NDArray[np.int64]
) -> dict[str, float]:
    """For each number, how far below chance its values' mean labels are from a line: normal deviates.

    Features are float32 by row, `starts` bounds each request's rows. Text is left out, and so is what has
    fewer than 8 values that rows share.
    """
    found = {
        name: _deviate(column, label)
        for name, column in features.items()
        if column.dtype != object and not _shared(column, starts)
    }
    return {name: value for name, value in found.items() if value is not None}


def _shared(column: NDArray[Any], starts: NDArray[np.int64]) -> bool:
    """Whether most requests of several rows have one value of it."""
    several = np.diff(starts) > 1
    high, low = (each.reduceat(column, starts[:-1])[several] for each in (np.fmax, np.fmin))
    return bool(several.any()) and float((high > low).mean()) < 0.5


def _deviate(column: NDArray[Any], label: NDArray[np.float64]) -> float | None:
    if len(column) > MOST_ROWS:
        drawn = np.flatnonzero(hashed(column) < 2**32 * MOST_ROWS / len(column))
        found = grouped(column[drawn])
        if np.count_nonzero(found.counts > 1) >= MANY:
            return _of_groups(found, label[drawn[found.known]])
    found = grouped(column)
    return _of_groups(found, label[found.known])


class Grouped(NamedTuple):
    """Rows by value: the values, the place among them of each known row, and how many rows each has."""

    values: NDArray[np.float64]
    place: NDArray[np.int64]
    counts: NDArray[np.int64]
    known: NDArray[np.bool_]


def grouped(column: NDArray[Any]) -> Grouped:
    """The finite numbers of a column by value; of many rows by a hash, which costs less than sorting."""
    import pandas as pd

    known = np.isfinite(column)
    if len(column) <= MOST_ROWS:
        values, place = np.unique(column[known], return_inverse=True)
    else:
        place, values = pd.factorize(column[known])
    counts = np.bincount(place, minlength=len(values))
    return Grouped(np.asarray(values, np.float64), place, counts, known)


def hashed(column: NDArray[Any]) -> NDArray[np.uint32]:
    """An even number of 32 bits for each value (the finaliser of Austin Appleby's MurmurHash3)."""
    bits = (np.asarray(column, np.float32) + np.float32(0)).view(np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        bits ^= bits >> np.uint32(shift)
        bits *= np.uint32(factor)
    bits ^= bits >> np.uint32(16)
    return bits


def _of_groups(found: Grouped, own: NDArray[np.float64]) -> float | None:
    values, place, counts, _ = found
    shared = counts > 1
    if shared.sum() < LEAST:
        return None
    means = np.bincount(place, own) / counts
    within = float(((own - means[place]) ** 2).sum()) / (len(own) - len(values))
    if within <= 0:
        return None  # equal features have equal labels: nothing is left to chance
    slope, start = np.polyfit(values[shared], means[shared], 1, w=np.sqrt(counts[shared]))
    gaps = means[shared] - (start + slope * values[shared])
    freedom = float(shared.sum() - 2)
    ratio = float((counts[shared] * gaps**2).sum()) / within / freedom
    spread = 2 / (9 * freedom)
    return float((np.cbrt(ratio) - (1 - spread)) / np.sqrt(spread))  # Wilson and Hilferty, 1931
