"""The exploration slice: a small, hashed share of answers whose order is drawn, with its propensities.

Every answer carries, for each item, the probability with which the serving policy, mixture included, puts
this item at this position. It is computed when the order is drawn, so that nobody has to reconstruct it.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from experiments.config.live import Exploration
from experiments.hashing import RESOLUTION, position_of
from experiments.slates import plackett_luce, policy

Indexes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slate:
    """An order as served.

    `order`: int64[n], best first. `propensities`: float64[n], of `order[k]` at position k; NaN where it
    isn't worked out (Plackett-Luce beyond the tenth position). `explored`: whether the order was drawn.
    """

    order: Indexes
    propensities: Floats
    explored: bool


def explore(
    exploration: Exploration | None,
    request_id: str,
    unit: str,
    order: Indexes,
    scores: Floats | None = None,
) -> Slate:
    """Serve `order` (int64[n], best first), or in the hashed share of requests (or units) a drawn one.

    With policy π, item i at position k has propensity (1 − share)·[order[k] is i] + share·π(i at k). π is
    uniform over all orders (1/n); uniform over the orders of the best K, the rest fixed (1/K, 1 below); or
    Plackett-Luce over `scores` (float64[n], `scores[k]` of `order[k]`; equal where they are absent).
    """
    if exploration is None or exploration.share == 0 or len(order) == 0:
        return Slate(order, np.ones(len(order)), False)
    explored = _chosen(exploration, request_id, unit)
    if exploration.policy == "plackett-luce":
        return _plackett_luce(exploration, request_id, order, scores, explored)
    return _shuffled(exploration, request_id, order, explored)


def _chosen(exploration: Exploration, request_id: str, unit: str) -> bool:
    key = unit if exploration.per == "unit" else request_id
    limit = round(exploration.share * RESOLUTION["growthbook-v2"], 6)
    return _position(exploration.salt)(key) < limit


def _shuffled(exploration: Exploration, request_id: str, order: Indexes, explored: bool) -> Slate:
    share, n = exploration.share, len(order)
    top = policy.places_drawn(exploration, n)
    drawn = order
    if explored:
        drawn = order.copy()
        drawn[:top] = order[permutation(exploration.salt, request_id, top)]
    propensities = np.ones(n)
    propensities[:top] = (1 - share) * (drawn[:top] == order[:top]) + share / top
    return Slate(drawn, propensities, explored)


def _plackett_luce(
    exploration: Exploration, request_id: str, order: Indexes, scores: Floats | None, explored: bool
) -> Slate:
    n, share = len(order), exploration.share
    weights = policy.log_weights(exploration, n, scores)
    places = np.arange(n)
    if explored:
        places = plackett_luce.draw(weights, draws(exploration.salt, request_id, n))
    drawn = plackett_luce.marginals(weights, places)
    return Slate(order[places], (1 - share) * (places == np.arange(n)) + share * drawn, explored)


def policy_propensities(
    exploration: Exploration, order: Indexes, slate: Indexes, scores: Floats | None = None
) -> Floats:
    """Probability that the slice's policy alone, drawing from `order`, puts `slate[k]` at position k.

    float64[n], NaN where it isn't worked out; arguments as in `explore`, `slate` any order of the same.
    """
    places = np.empty(int(order.max(initial=-1)) + 1, np.int64)
    places[order] = np.arange(len(order))
    return policy.chances(exploration, places[slate], scores)


def permutation(salt: str, request_id: str, n: int) -> Indexes:
    """A uniform permutation of 0..n − 1 that follows from salt and request alone: int64[n].

    Sorting n draws of 64 bits is uniform up to ties (about n²/2⁶⁵). The raw stream of Philox is fixed by its
    definition, which numpy's own `permutation` is not, so a record can be drawn again years later.
    """
    return np.argsort(draws(salt, request_id, n), kind="stable").astype(np.int64, copy=False)


def draws(salt: str, request_id: str, n: int) -> NDArray[np.uint64]:
    """n independent 64-bit draws keyed by (salt, request_id), apart from the hash that chose the slice."""
    text = request_id.encode("utf-8", "surrogatepass")
    seed = hashlib.blake2b(text, digest_size=16, key=_key(salt)).digest()
    return np.asarray(np.random.Philox(key=int.from_bytes(seed, "little")).random_raw(n), np.uint64)


_position = lru_cache(maxsize=16)(position_of)


@lru_cache(maxsize=16)
def _key(salt: str) -> bytes:
    text = salt.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=32, person=b"ballast-slate").digest()
