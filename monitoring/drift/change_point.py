"""When did a mean change? One change in a series of blocks in time, its test, and its date's interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.drift.series import Floats, Series

DRAWS = 2000
RESAMPLED = 400
LEAST_BLOCKS = 10
MOST_BLOCKS = 1000
"""More blocks than that are added up by neighbours: a date is not needed finer than to a thousandth."""
EDGE = 0.02
"""Share of the weight that must lie on each side of a change."""


@dataclass(frozen=True)
class DatedChange:
    """A change of a mean at `time`, which lies between `low` and `high` in 95 of 100 cases; all unix s."""

    time: float
    low: float
    high: float
    before: float
    after: float
    p: float


def change_of(series: Series, rng: np.random.Generator) -> DatedChange | None:
    """The most likely single change of the mean of a series; None with too few blocks, or no times.

    The place is where the weighted sum of squares between the parts before and after is largest. `p` is the
    share of random orders of the blocks that have one as large (Antoch & Hušková, Statist. Probab. Lett. 53
    (2001), 37-46). The interval is the middle 95% of the places in series whose blocks are drawn again,
    with replacement, from each side (Hušková & Kirch, J. Time Series Anal. 29 (2008), 947-972).

    >>> rng = np.random.default_rng(0)
    >>> values = np.where(np.arange(200) < 120, 0.2, 0.5) + rng.normal(0, 0.1, 200)
    >>> found = change_of(Series("rate", np.arange(200.0), values, np.ones(200), np.arange(200) >= 100), rng)
    >>> found.low <= 120 <= found.high, round(found.before, 1), round(found.after, 1), found.p < 0.001
    (True, 0.2, 0.5, True)
    """
    some = series.in_time().merged(MOST_BLOCKS)
    if len(some.time) < LEAST_BLOCKS or np.isnan(some.time).any():  # a table without times has no dates
        return None
    sums, weights = some.sums, some.weights
    between = _between(sums[None], weights[None])[0]
    place = int(np.argmax(between))
    orders = rng.permuted(np.tile(np.arange(len(sums)), (DRAWS, 1)), axis=1)
    chance = _between(sums[orders], weights[orders]).max(axis=1)
    p = float((np.count_nonzero(chance >= between[place]) + 1) / (DRAWS + 1))
    again = _drawn_again(len(sums), place, rng)
    places = np.argmax(_between(sums[again], weights[again]), axis=1)
    low, high = (some.time[int(each) + 1] for each in np.quantile(places, (0.025, 0.975), method="nearest"))
    before, after = (_mean(sums[part], weights[part]) for part in (slice(place + 1), slice(place + 1, None)))
    return DatedChange(float(some.time[place + 1]), float(low), float(high), before, after, p)


def _between(sums: Floats, weights: Floats) -> Floats:
    """(rows, blocks - 1): the sum of squares between what is up to each block and what comes after it."""
    done, weight = np.cumsum(sums, axis=1)[:, :-1], np.cumsum(weights, axis=1)[:, :-1]
    total, all_weight = sums.sum(axis=1, keepdims=True), weights.sum(axis=1, keepdims=True)
    left = all_weight - weight
    allowed = (weight >= EDGE * all_weight) & (left >= EDGE * all_weight) & (weight > 0) & (left > 0)
    gap = done / np.where(weight > 0, weight, 1) - (total - done) / np.where(left > 0, left, 1)
    return np.where(allowed, weight * left / all_weight * gap**2, 0.0)


def _drawn_again(count: int, place: int, rng: np.random.Generator) -> NDArray[np.int64]:
    sizes = (place + 1, count - place - 1)
    parts = [rng.integers(0, size, (RESAMPLED, size)) for size in sizes]
    return np.concatenate([parts[0], parts[1] + sizes[0]], axis=1)


def _mean(sums: Floats, weights: Floats) -> float:
    return float(sums.sum() / weights.sum())
