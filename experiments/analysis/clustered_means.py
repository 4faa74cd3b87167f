"""A table of means by arm. Its intervals take into account that requests of a unit are not independent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its interval. `low` and `high` are None where fewer than two units say too little."""

    mean: float | None
    low: float | None
    high: float | None
    values: int
    units: int

    def __str__(self) -> str:
        if self.mean is None:
            return "no data"
        if self.low is None or self.high is None:
            return f"{self.mean:.4f} (one unit: no interval)"
        return f"{self.mean:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True, slots=True)
class Row:
    """One arm, explored or not: how many decisions by how many units, and each metric's mean."""

    arm: str
    explored: bool
    decisions: int
    units: int
    metrics: Mapping[str, Interval]


def summarise(
    unit: Sequence[str],
    arm: Sequence[str],
    explored: ArrayLike,
    metrics: Mapping[str, ArrayLike],
    level: float = 0.95,
) -> list[Row]:
    """Rows by arm and exploration, sorted by both. All arguments have one entry per decision.

    NaN in a metric means that this decision has no such figure (an order without any positive outcome has no
    NDCG) and leaves it out of that metric's mean only. ValueError for columns of different lengths.
    """
    arms, drawn = np.asarray(arm, dtype=object), np.asarray(explored, bool)
    columns = {name: np.asarray(column, float) for name, column in metrics.items()}
    lengths = {"unit": len(unit), "arm": len(arms), "explored": len(drawn)}
    lengths |= {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns have different lengths: {lengths}")
    _, codes = np.unique(np.asarray(unit, dtype=object).astype(str), return_inverse=True)
    rows = []
    for name, is_drawn in sorted(set(zip(arms.tolist(), drawn.tolist(), strict=True))):
        mask = (arms == name) & (drawn == is_drawn)
        figures = {key: clustered_mean(column[mask], codes[mask], level) for key, column in columns.items()}
        rows.append(Row(str(name), is_drawn, int(mask.sum()), len(np.unique(codes[mask])), figures))
    return rows


def clustered_mean(values: NDArray[np.float64], clusters: NDArray[np.int64], level: float = 0.95) -> Interval:
    """Mean of all values, with an interval by cluster: float64[n], int64[n].

    The interval is Student's with clusters − 1 degrees of freedom. NaN values are left out.
    """
    known = ~np.isnan(values)
    values, clusters = values[known], clusters[known]
    if len(values) == 0:
        return Interval(None, None, None, 0, 0)
    mean, deviation, count = clustered(values, clusters)
    if count < 2:
        return Interval(mean, None, None, len(values), count)
    half = float(deviation * stdtrit(count - 1, (1 + level) / 2))
    return Interval(mean, mean - half, mean + half, len(values), count)


def clustered(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> tuple[float, float, int]:
    """Mean of float64[n], its standard error by cluster (int64[n]), and how many clusters there are.

    The mean is the ratio of the clusters' sums to their sizes; its variance is that of the residuals' sums by
    cluster (delta method; Deng, Knoblich, Lu 2018, "Applying the Delta Method in Metric Analytics",
    eq. 4). NaN and infinite for less than a value and two clusters.
    """
    codes = np.unique(clusters, return_inverse=True)[1]
    sizes = np.bincount(codes)
    count = len(sizes)
    mean = float(values.mean()) if len(values) else float("nan")
    if count < 2:
        return mean, float("inf"), count
    residuals = np.bincount(codes, weights=values) - mean * sizes
    deviation = np.sqrt(count / (count - 1) * np.square(residuals).sum()) / len(values)
    return mean, float(deviation), count
