"""Pure: which rows train and which evaluate, and in which order all of them stand."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

SALT = "ballast/split"


def order(request: NDArray[np.int64], time: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """Rows by their request's first moment, requests whole, otherwise as they stood."""
    if time is None:
        return np.argsort(request, kind="stable")
    first = np.full(int(request.max()) + 1, np.inf)
    np.minimum.at(first, request, time)
    return np.lexsort((request, first[request]))


def renumbered(request: NDArray[np.int64], names: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Requests numbered in row order, and their names in that order."""
    change = np.concatenate([[True], request[1:] != request[:-1]])
    return (np.cumsum(change) - 1).astype(np.int64), names[request[change]]


def hashed(names: NDArray[Any], share: float) -> NDArray[np.bool_]:
    """True for about `share` of the names, by the first eight bytes of blake2b(salt + name)."""
    digests = [hashlib.blake2b(f"{SALT}/{name}".encode(), digest_size=8).digest() for name in names.tolist()]
    return np.array([int.from_bytes(each, "big") / 2**64 < share for each in digests], dtype=bool)
