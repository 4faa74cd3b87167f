"""Is a feature made of the labels that it is to predict? A category's mean outcome, taken over all rows.

Where rows of one value of a feature are grouped, their mean label lies about the line of label on feature as
far as chance throws it: the squared gaps, each over the variance of a mean of so many rows, add to about the
number of groups (chi-squared). A mean outcome that counts the very rows it stands in has no gaps at all. A
sum that is smaller than chance allows is Fisher's "too good to be true" (R. A. Fisher, 1936, on Mendel).

What the candidates of a request share is left out: where every request has as many good ones, its mean label
is as even as the requests are, whatever the feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        name: _deviate(np.asarray(column, np.float64), label)
        for name, column in features.items()
        if column.dtype != object and not _shared(column, starts)
    }
    return {name: value for name, value in found.items() if value is not None}


def _shared(column: NDArray[Any], starts: NDArray[np.int64]) -> bool:
    """Whether most requests of several rows have one value of it."""
    several = np.diff(starts) > 1
    high, low = (each.reduceat(column, starts[:-1])[several] for each in (np.fmax, np.fmin))
    return bool(several.any()) and float((high > low).mean()) < 0.5


def _deviate(column: NDArray[np.float64], label: NDArray[np.float64]) -> float | None:
    known = np.isfinite(column)
    values, place, counts = np.unique(column[known], return_inverse=True, return_counts=True)
    shared = counts > 1
    if shared.sum() < LEAST:
        return None
    own = label[known]
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
