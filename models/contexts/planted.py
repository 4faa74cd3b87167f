"""Faults planted into requests at training: what contexts of no request look like, and how a test sees them.

Contexts are (n, p) with NaN where missing, in the order of their requests' times. `draw` is seeded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

NEAR, FAR = 12, 40  # requests before or after: of the same hours; of the same day or so
SHARES = (0.05, 0.15, 0.3, 0.5)  # of a context's fields that are wrong
UNITS = (-1.0, 0.01, 1 / 60, 0.1, 10.0, 60.0, 100.0, 1000.0)  # another sign, another unit


def neighbours(count: int, reach: int, draw: np.random.Generator) -> Places:
    """For each of n requests another one near it, before or after."""
    steps = draw.integers(1, reach + 1, count) * draw.choice([-1, 1], count)
    places = np.arange(count) + steps
    inside = (places >= 0) & (places < count)
    return np.asarray(np.where(inside, places, np.arange(count) - steps) % count)


def shuffled(count: int, draw: np.random.Generator, block: int = FAR) -> Places:
    """Requests in another order, within blocks of consecutive ones: a shuffle among those of a day or so."""
    key = np.arange(count) // block + draw.random(count)
    return np.argsort(key, kind="stable")


def spoiled(contexts: Floats, others: Floats, draw: np.random.Generator, way: int = 0) -> Floats:
    """Some fields of each context wrong: those of another request; where `way` is odd, also 0, the median, or
    another unit."""
    count, fields = contexts.shape
    share = np.asarray(draw.choice(SHARES, count))
    wrong = draw.random((count, fields)) < share[:, None]
    wrong[np.arange(count), draw.integers(0, fields, count)] = True
    kinds = np.asarray(draw.integers(0, 4 if way % 2 else 1, count))
    kind = kinds[:, None]
    factor = np.asarray(draw.choice(UNITS, count))
    unit = contexts * factor[:, None]
    plain = np.where(kind == 1, 0.0, np.where(kind == 2, _medians(contexts), unit))
    return np.where(wrong, np.where(kind == 0, others, plain), contexts)


def part_swapped(contexts: Floats, draw: np.random.Generator, share: float = 0.3) -> Floats:
    """The same share of every context's fields taken from another request, drawn anew for each."""
    wrong = draw.random(contexts.shape) < share
    return np.where(wrong, contexts[draw.permutation(len(contexts))], contexts)


def _medians(contexts: Floats) -> Floats:
    given = ~np.isnan(contexts).all(axis=0)
    found = np.zeros(contexts.shape[1])
    found[given] = np.nanmedian(contexts[:, given], axis=0)
    return found
