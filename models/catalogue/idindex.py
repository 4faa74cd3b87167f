"""An open-addressing hash index from ids to rows, as plain arrays that can be memory-mapped.

A slot holds 0 where it is empty, and otherwise the upper 32 bits of the id's hash above row + 1. At least
half of the slots are empty, so that an unknown id ends its search after a few of them. A hit is verified
against the id's own bytes: equal hashes never make equal ids.
"""

# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, word_at

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]
Slots = NDArray[np.uint64]

MAX_ITEMS = 2**31 - 2  # row + 1 shares its slot with 32 bits of hash
LOW = np.uint64(0xFFFFFFFF)
EMPTY = np.uint64(0)
ONE = np.uint64(1)
# splitmix64's multipliers (Steele, Lea, Flood 2014): full avalanche of 64 bits
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_S27, _S30, _S31, S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


def slots_for(count: int) -> int:
    """The number of slots for `count` ids: a power of two, at least twice as many."""
    return 1 << max(4, int(2 * count - 1).bit_length())


@compiled
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> _S30)) * _M1
    value = (value ^ (value >> _S27)) * _M2
    return value ^ (value >> _S31)


@compiled
def _short_word(text: Bytes, start: int, stop: int) -> np.uint64:
    word = np.uint64(0)
    for byte in range(start, stop):
        word = (word << np.uint64(8)) | np.uint64(text[byte])
    return word


@compiled
def hash_bytes(text: Bytes, start: int, stop: int) -> np.uint64:
    """The hash of text[start:stop], word by word.

    The last word overlaps the one before, so that no byte beyond the id is read.
    """
    state = np.uint64(stop - start) * _GOLDEN
    if stop - start < 8:
        return _mix(state ^ _short_word(text, start, stop))
    for position in range(start, stop - 8, 8):
        state = (state ^ word_at(text, position)) * _M1
        state ^= state >> S32
    return _mix(state ^ word_at(text, stop - 8))


@compiled
def same_bytes(left: Bytes, start: int, stop: int, right: Bytes, other: int, end: int) -> bool:
    """Whether left[start:stop] and right[other:end] are equal."""
    size = stop - start
    if size != end - other:
        return False
    if size < 8:
        return bool(_short_word(left, start, stop) == _short_word(right, other, end))
    for offset in range(0, size - 8, 8):
        if word_at(left, start + offset) != word_at(right, other + offset):
            return False
    return bool(word_at(left, stop - 8) == word_at(right, end - 8))


@compiled
def find_text(query: Bytes, start: int, stop: int, slots: Slots, text: Bytes, offsets: Rows) -> int:
    """The row of the id query[start:stop], -1 where it is unknown."""
    mask = np.uint64(slots.size - 1)
    key = hash_bytes(query, start, stop)
    place = key & mask
    for _ in range(slots.size):
        slot = slots[place]
        if slot == EMPTY:
            return -1
        if slot >> S32 == key >> S32:
            row = np.int64(slot & LOW) - 1
            if row < offsets.size - 1 and same_bytes(
                query, start, stop, text, offsets[row], offsets[row + 1]
            ):
                return int(row)
        place = (place + ONE) & mask
    return -1


@compiled
def find_number(query: np.int64, slots: Slots, ids: Rows) -> int:
    """The row of the id `query`, -1 where it is unknown."""
    mask = np.uint64(slots.size - 1)
    key = _mix(np.uint64(query) + _GOLDEN)
    place = key & mask
    for _ in range(slots.size):
        slot = slots[place]
        if slot == EMPTY:
            return -1
        row = np.int64(slot & LOW) - 1
        if slot >> S32 == key >> S32 and row < ids.size and ids[row] == query:
            return int(row)
        place = (place + ONE) & mask
    return -1


@compiled
def _store(slots: Slots, key: np.uint64, row: int) -> None:
    mask = np.uint64(slots.size - 1)
    place = key & mask
    while slots[place] != EMPTY:
        place = (place + ONE) & mask
    slots[place] = (key >> S32 << S32) | np.uint64(row + 1)


@compiled
def build_text(slots: Slots, text: Bytes, offsets: Rows) -> int:
    """Fill `slots` from ids `text[offsets[i]:offsets[i + 1]]`; returns the first repeating row, or -1."""
    for row in range(offsets.size - 1):
        if find_text(text, offsets[row], offsets[row + 1], slots, text, offsets) >= 0:
            return row
        _store(slots, hash_bytes(text, offsets[row], offsets[row + 1]), row)
    return -1


@compiled
def build_numbers(slots: Slots, ids: Rows) -> int:
    """Fill `slots` from `ids`; returns the first row that repeats an id, or -1."""
    for row in range(ids.size):
        if find_number(ids[row], slots, ids) >= 0:
            return row
        _store(slots, _mix(np.uint64(ids[row]) + _GOLDEN), row)
    return -1
