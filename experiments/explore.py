"""The exploration slice: a small, hashed share of answers whose order is drawn, with its propensities.

Every answer carries, for each item, the probability with which the serving policy, mixture included, puts
this item at this position. It is worked out where the draw is made, so that nobody reconstructs it.
"""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.hashing import position_of

if TYPE_CHECKING:
    from experiments.config import Exploration


@dataclass(frozen=True, slots=True)
class Slate:
    """An order as served.

    ``order``: int64[n], best first. ``propensities``: float64[n], of ``order[k]`` at position k.
    ``explored``: whether the order was drawn.
    """

    order: NDArray[np.int64]
    propensities: NDArray[np.float64]
    explored: bool


def explore(exploration: "Exploration | None", request_id: str, unit: str, order: NDArray[np.int64]) -> Slate:
    """Serve ``order`` (int64[n], best first), or in the hashed share of requests (or units) a drawn one.

    Uniform over all n! orders. Propensity of item i at position k: (1 − share)·[order[k] is i] + share/n.
    """
    if exploration is None or exploration.share == 0:
        return Slate(order, np.ones(len(order)), False)
    share, n = exploration.share, len(order)
    key = unit if exploration.per == "unit" else request_id
    explored = position_of(exploration.salt)(key) < share * 10_000
    if not explored:
        return Slate(order, np.full(n, 1 - share + share / max(n, 1)), False)
    drawn = order[permutation(exploration.salt, request_id, n)]
    return Slate(drawn, (1 - share) * (drawn == order) + share / max(n, 1), True)


def permutation(salt: str, request_id: str, n: int) -> NDArray[np.int64]:
    """A uniform permutation of 0..n − 1 that follows from salt and request alone: int64[n].

    Sorting n draws of 64 bits is uniform up to ties (about n²/2⁶⁵). The raw stream of Philox is fixed by its
    definition, which numpy's own ``permutation`` is not, so a record can be drawn again years later.
    """
    return np.argsort(draws(salt, request_id, n), kind="stable").astype(np.int64, copy=False)


def draws(salt: str, request_id: str, n: int) -> NDArray[np.uint64]:
    """n independent 64-bit draws keyed by (salt, request_id), apart from the hash that chose the slice."""
    seed = hashlib.blake2b(
        request_id.encode("utf-8", "surrogatepass"), digest_size=16, key=_key(salt)
    ).digest()
    return np.asarray(np.random.Philox(key=int.from_bytes(seed, "little")).random_raw(n), np.uint64)


def _key(salt: str) -> bytes:
    return hashlib.blake2b(
        salt.encode("utf-8", "surrogatepass"), digest_size=32, person=b"ballast-slate"
    ).digest()
