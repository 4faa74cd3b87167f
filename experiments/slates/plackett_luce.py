"""Plackett-Luce orders: drawn item by item, each with probability proportional to exp(score / temperature).

Sources: Plackett 1975, "The Analysis of Permutations"; the draw by Gumbel keys: Yellott 1977, and Kool, van
Hoof, Welling 2019, "Stochastic Beams and Where to Find Them", theorem 1.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]

FIRST = 10
"""Positions whose propensity is worked out; further down it is NaN, since work grows with position."""

_STEP = 0.35  # the trapezoid rule errs by exp(−π²/step) = 6e-13
_LOWEST = -28.0  # exp(−28) is 7e-13: what is left out below
_CERTAIN = 40.0  # exp(−40) is 4e-18: less than a float shows beside 1


def log_weights(scores: Floats, temperature: float) -> Floats:
    """Logarithms of the choice probabilities, float64[n]; scores that are not finite make all equal."""
    if not np.isfinite(scores).all():
        return np.full(len(scores), -np.log(len(scores)))
    scaled = (scores - scores.max()) / temperature
    return np.asarray(scaled - np.log(np.exp(scaled).sum()))


def draw(log_weight: Floats, bits: NDArray[np.uint64]) -> Indexes:
    """One order, int64[n], best first, from n independent draws of 64 bits."""
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return np.argsort(-(log_weight - np.log(-np.log(uniform))), kind="stable").astype(np.int64, copy=False)


def marginals(log_weight: Floats, order: Indexes) -> Floats:
    """Probability that Plackett-Luce puts `order[k]` at position k: float64[n], NaN from FIRST on.

    The order is that in which exponential clocks of rates w ring: the item's own rings at t while exactly
    k others have rung, ∫ w·exp(−w·t)·P(k of the others by t) dt. The integral runs over x = log t by the
    trapezoid rule; the number that have rung is a sum of independent draws, convolved item by item.
    """
    first = min(FIRST, len(order))
    found = np.full(len(order), np.nan)
    if first == 0:
        return found
    found[:first] = 0.0
    weight, likely = _within_reach(log_weight, first)
    placed = [item for item in order[:first] if likely[item]]
    x = np.arange(_LOWEST, np.log(40.0) - weight[placed].min(initial=0.0) + _STEP, _STEP)
    rung = -np.expm1(-np.exp(np.minimum(weight[:, None] + x, 700.0)))  # (n, nodes)
    others = np.zeros((first, len(x)))
    others[0] = 1.0
    for item in order[first:][likely[order[first:]]]:
        others = _with(others, rung[item])
    for position, item in enumerate(order[:first]):
        if likely[item]:
            count = others
            for other in placed:
                if other != item:
                    count = _with(count, rung[other])
            elapsed = np.exp(np.minimum(weight[item] + x, 700.0))
            found[position] = min(_STEP * float(elapsed * np.exp(-elapsed) @ count[position]), 1.0)
    return found


def _within_reach(log_weight: Floats, first: int) -> tuple[Floats, NDArray[np.bool_]]:
    """The weights with gaps over _CERTAIN closed, and which items can come first.

    What is e⁶⁰ times less likely than the item ranked `first` never comes first; of two items
    e⁴⁰ apart the larger one comes first. Neither shows in a float, and the integral stays short.
    """
    descending = np.argsort(-log_weight)
    sizes = log_weight[descending]
    likely = log_weight >= sizes[first - 1] - 60.0
    gaps = np.minimum(np.diff(sizes, prepend=sizes[0]), 0.0)
    weight = np.empty(len(log_weight))
    weight[descending] = sizes[0] + np.cumsum(np.maximum(gaps, -_CERTAIN))
    return weight, likely


def _with(count: Floats, probability: Floats) -> Floats:
    """The distribution of the number rung (rows), with one more item that has rung with this probability."""
    more: Floats = count * (1.0 - probability)
    more[1:] += count[:-1] * probability
    return more
