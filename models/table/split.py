"""Pure: which rows train and which evaluate, and in which order all of them stand."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.sections import DataSection

SALT = "ballast/split"


def inside(data: DataSection, time: NDArray[np.float64] | None, count: int) -> NDArray[np.bool_]:
    """Which of `count` rows are decided from data.from on and before data.until; all where time is None."""
    found = np.ones(count, dtype=bool)
    if time is not None and data.from_:
        found &= time >= data.from_.timestamp()
    if time is not None and data.until:
        found &= time < data.until.timestamp()
    return found


def boundary(data: DataSection, time: NDArray[np.float64]) -> float:
    """The moment that leaves the last test_share of the window's time to evaluation, in unix seconds."""
    first = data.from_.timestamp() if data.from_ else float(time.min())
    last = data.until.timestamp() if data.until else float(time.max())
    return last - data.test_share * (last - first)


def torn(request: NDArray[np.int64], train: NDArray[np.bool_], test: NDArray[np.bool_]) -> int | None:
    """The first request that has rows in both parts, None where there is none."""
    count = int(request.max()) + 1
    before, after = (np.bincount(request[part], minlength=count) for part in (train, test))
    both = (before > 0) & (after > 0)
    return int(np.argmax(both)) if both.any() else None


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
