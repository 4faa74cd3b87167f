"""Stretches of the time, and whether what is measured there is surely another than elsewhere.

A stretch is two to six tenths of the time, one after the other. What is measured is a figure by request,
and its mean is compared by the normal distribution; tests that are looked at together share one level, by
Bonferroni.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from models.gate.labelled import ALPHA, TENTHS, LabelledRows
from models.gate.stats import Floats

STRETCHES = tuple(
    (first, first + length)
    for length, first in product(range(2, 7), range(TENTHS))
    if first + length <= TENTHS
)
RUNS = 40  # of requests, by which it is told whether neighbours resemble each other

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Side:
    """The mean of some requests' figures with its standard error; `n` requests."""

    mean: float
    error: float
    n: int


def side(values: Floats, inside: Mask, spread: float | None = None) -> Side:
    """What the requests of a stretch have on average; all vary alike, by `spread`: few may seem not to."""
    own = values[inside]
    spread = deviation(values) if spread is None else spread
    if len(own) < 2:
        return Side(0.0, np.inf, len(own))
    return Side(float(own.mean()), spread / float(np.sqrt(len(own))), len(own))


def deviation(values: Floats) -> float:
    """The standard deviation of single requests, larger where neighbours resemble each other.

    Then runs of them vary more than single ones say; how much, the differences of neighbouring runs tell, in
    which a jump counts once (J. von Neumann, 1941).
    """
    own = float(values.std(ddof=1))
    length = len(values) // RUNS
    if length < 2:
        return own
    means = values[: length * RUNS].reshape(RUNS, length).mean(axis=1)
    return max(own, float(np.sqrt(np.mean(np.diff(means) ** 2) / 2 * length)))


def bound(tests: int, alpha: float = ALPHA) -> float:
    """How many standard errors one of so many one-sided tests takes."""
    return NormalDist().inv_cdf(1 - alpha / tests)


def stretches(rows: LabelledRows) -> Iterator[tuple[str, Mask]]:
    """Every stretch by its name, as a mask of requests."""
    requests = len(rows.starts) - 1
    tenth = np.arange(requests) * TENTHS // max(1, requests)
    what = "time" if rows.timed else "rows"
    for first, last in STRETCHES:
        where = f"from {first}0% to {last}0% of the {what}"
        if first == 0:
            where = f"in the first {last}0% of the {what}"
        elif last == TENTHS:
            where = f"in the last {TENTHS - first}0% of the {what}"
        yield where, (tenth >= first) & (tenth < last)
