"""Tables from a hashed position to whom it belongs: a split is one look-up."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from experiments.config.fields import NOBODY
from experiments.config.live import Variant
from experiments.hashing import Range, ranges_of

ALIKE = 256  # different tables that are kept, 10 kB each


def table(entries: Sequence[Sequence[Range]], size: int) -> bytes:
    """For each of `size` positions, the first entry with a range over position/size, or NOBODY."""
    return _table(tuple(tuple((low, high) for low, high in ranges) for ranges in entries), size)


@lru_cache(ALIKE)
def _table(entries: tuple[tuple[Range, ...], ...], size: int) -> bytes:
    """Splits that are alike share one: a file of thousands has few different ones."""
    points = np.arange(size) / size
    owner = np.full(size, NOBODY, np.uint8)
    for index, ranges in reversed(list(enumerate(entries))):
        for low, high in ranges:
            owner[(low <= points) & (points < high)] = index
    return owner.tobytes()


def variant_ranges(variants: Sequence[Variant]) -> list[list[Range]]:
    """Each variant's ranges: those it declares, or else its weight laid beside the earlier ones."""
    if any(variant.ranges is not None for variant in variants):
        return [list(variant.ranges or ()) for variant in variants]
    return [[bounds] for bounds in ranges_of([variant.weight or 0.0 for variant in variants])]


def open_part(ranges: Sequence[Range], share: float) -> list[Range]:
    """The first `share` of the ranges' total width: a larger share always holds the smaller one."""
    left = share * sum(high - low for low, high in ranges)
    part = []
    for low, high in ranges:
        if share >= 1 or left >= high - low:
            part.append((low, high))
        elif left > 0:
            part.append((low, low + left))
        left -= high - low
    return part
