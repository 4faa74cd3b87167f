"""The arithmetic of the exploration slice's policies: which places they draw, and with which probabilities.

A policy takes n items as they are ranked, best first, and draws another order of them. `uniform`: every order
is equally likely. `top-k`: so for the best `top` items, and the rest stays as ranked. `plackett-luce`: the
better an item's score, the likelier it comes early (see `plackett_luce`). Whoever needs a policy's
probabilities, while serving or from the log, takes them from here.
"""

import numpy as np
from numpy.typing import NDArray

from experiments.config.live import Exploration
from experiments.slates import plackett_luce

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


def places_drawn(exploration: Exploration, n: int) -> int:
    """How many of the first places of n items are drawn; below them the order stays as ranked.

    >>> places_drawn(Exploration(share=0.01, salt="e-1", policy="top-k", top=3), 10)
    3
    """
    return min(exploration.top, n) if exploration.policy == "top-k" and exploration.top else n


def log_weights(exploration: Exploration, n: int, scores: Floats | None) -> Floats:
    """Plackett-Luce's logarithmic weights of n items from their scores, float64[n]; equal without scores."""
    known = np.zeros(n) if scores is None else np.asarray(scores, np.float64)
    return plackett_luce.log_weights(known, exploration.temperature or 1.0)


def chances(exploration: Exploration, places: Indexes, scores: Floats | None = None) -> Floats:
    """Probability that the policy puts the item ranked `places[k]` (from 0) at position k: float64[n].

    `places`: a permutation of 0..n − 1. `scores`: float64[n], those of the items as ranked; only
    Plackett-Luce looks at them. NaN where it isn't worked out (Plackett-Luce beyond the tenth position).

    >>> chances(Exploration(share=0.01, salt="e-1", policy="top-k", top=2), np.array([1, 0, 2]))
    array([0.5, 0.5, 1. ])
    """
    n = len(places)
    if exploration.policy == "plackett-luce":
        return plackett_luce.marginals(log_weights(exploration, n, scores), places)
    top = places_drawn(exploration, n)
    return np.where(np.arange(n) >= top, places == np.arange(n), (places < top) / top)


def chances_as_drawn(exploration: Exploration, total: int, scores: Floats) -> Floats:
    """Probability with which the policy put each item of an order on record at its position: float64[k].

    `scores`: those of the order as it was drawn, of `total` items. NaN where that isn't known: Plackett-Luce
    beyond the tenth position, or where the record was cut to k < `total` and the other scores are gone.
    """
    count = len(scores)
    if exploration.policy == "plackett-luce":
        return np.full(count, np.nan) if count < total else chances(exploration, np.arange(count), scores)
    top = places_drawn(exploration, total)
    return np.where(np.arange(count) < top, 1 / top, 1.0)


def represented(exploration: Exploration, total: int, shown: int, length: int) -> Floats | None:
    """How many of `total` items each position of a drawn order stands for where only `shown` were shown.

    One over the probability that the item was shown: float64[length]; what wasn't drawn was shown for
    certain. None where that isn't known: a cut order that Plackett-Luce drew.

    >>> represented(Exploration(share=0.01, salt="e-1"), total=10, shown=4, length=4)
    array([2.5, 2.5, 2.5, 2.5])
    """
    if shown == total:
        return np.ones(length)
    if exploration.policy == "plackett-luce":
        return None
    top = places_drawn(exploration, total)
    return np.where(np.arange(length) < top, top / min(top, shown), 1.0)
