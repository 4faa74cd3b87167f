"""An open-addressing hash index from ids to rows, as plain arrays that can be memory-mapped.

A slot holds 0 where it is empty, and otherwise the upper 32 bits of the id's hash above row + 1. At least
half of the slots are empty, so that an unknown id ends its search after a few of them. A hit is verified
against the id's own bytes: equal hashes never make equal ids.
"""

# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)

import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled, prefetch, word_at

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]
Slots = NDArray[np.uint64]

MAX_ITEMS = 2**31 - 2  # row + 1 shares its slot with 32 bits of hash
_LOW = np.uint64(0xFFFFFFFF)
_EMPTY = np.uint64(0)
_ONE = np.uint64(1)
# splitmix64's multipliers (Steele, Lea, Flood 2014): full avalanche of 64 bits
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)
_NEWLINE = np.uint8(10)
_NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)
_CHUNK = 256  # ids whose keys stay in the first-level cache


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
def _hash_bytes(text: Bytes, start: int, stop: int) -> np.uint64:
    """Word by word; the last word overlaps the one before, so that no byte beyond the id is read."""
    state = np.uint64(stop - start) * _GOLDEN
    if stop - start < 8:
        return _mix(state ^ _short_word(text, start, stop))
    for position in range(start, stop - 8, 8):
        state = (state ^ word_at(text, position)) * _M1
        state ^= state >> _S32
    return _mix(state ^ word_at(text, stop - 8))


@compiled
def _same(left: Bytes, start: int, stop: int, right: Bytes, other: int, end: int) -> bool:
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
def _find_text(query: Bytes, start: int, stop: int, slots: Slots, text: Bytes, offsets: Rows) -> int:
    mask = np.uint64(slots.size - 1)
    key = _hash_bytes(query, start, stop)
    place = key & mask
    for _ in range(slots.size):
        slot = slots[place]
        if slot == _EMPTY:
            return -1
        if slot >> _S32 == key >> _S32:
            row = np.int64(slot & _LOW) - 1
            if row < offsets.size - 1 and _same(query, start, stop, text, offsets[row], offsets[row + 1]):
                return int(row)
        place = (place + _ONE) & mask
    return -1


@compiled
def _find_number(query: np.int64, slots: Slots, ids: Rows) -> int:
    mask = np.uint64(slots.size - 1)
    key = _mix(np.uint64(query) + _GOLDEN)
    place = key & mask
    for _ in range(slots.size):
        slot = slots[place]
        if slot == _EMPTY:
            return -1
        row = np.int64(slot & _LOW) - 1
        if slot >> _S32 == key >> _S32 and row < ids.size and ids[row] == query:
            return int(row)
        place = (place + _ONE) & mask
    return -1


@compiled
def _store(slots: Slots, key: np.uint64, row: int) -> None:
    mask = np.uint64(slots.size - 1)
    place = key & mask
    while slots[place] != _EMPTY:
        place = (place + _ONE) & mask
    slots[place] = (key >> _S32 << _S32) | np.uint64(row + 1)


@compiled
def build_text(slots: Slots, text: Bytes, offsets: Rows) -> int:
    """Fill `slots` from ids `text[offsets[i]:offsets[i + 1]]`; returns the first repeating row, or -1."""
    for row in range(offsets.size - 1):
        if _find_text(text, offsets[row], offsets[row + 1], slots, text, offsets) >= 0:
            return row
        _store(slots, _hash_bytes(text, offsets[row], offsets[row + 1]), row)
    return -1


@compiled
def build_numbers(slots: Slots, ids: Rows) -> int:
    """Fill `slots` from `ids`; returns the first row that repeats an id, or -1."""
    for row in range(ids.size):
        if _find_number(ids[row], slots, ids) >= 0:
            return row
        _store(slots, _mix(np.uint64(ids[row]) + _GOLDEN), row)
    return -1


@compiled
def _line_ends(query: Bytes, ends: Rows) -> int:
    """Where newline-separated ids end; returns how many there are, writing no more than fit `ends`."""
    line, position = 0, 0
    while position + 8 <= query.size:  # eight bytes at a time: a byte of `hit` is 128 where a newline is
        word = word_at(query, position) ^ _NEWLINES
        hit = ~(((word & _SEVENS) + _SEVENS) | word | _SEVENS)
        for byte in range(8):
            if hit == _EMPTY:
                break
            if (hit >> np.uint64(8 * byte + 7)) & _ONE:
                if line < ends.size:
                    ends[line] = position + byte
                line += 1
                hit ^= np.uint64(128) << np.uint64(8 * byte)
        position += 8
    for last in range(position, query.size + 1):
        if last == query.size or query[last] == _NEWLINE:
            if line < ends.size:
                ends[line] = last
            line += 1
    return line


@compiled
def _rows_of_slices(
    query: Bytes, ends: Rows, gap: int, slots: Slots, text: Bytes, offsets: Rows, rows: Rows
) -> None:
    """Ids that end at `ends`, `gap` bytes between them.

    Hashing, probing and verifying take turns in chunks, and each asks for the next one's memory ahead, so
    that the cache misses of many ids overlap instead of waiting for each other.
    """
    keys = np.empty(_CHUNK, np.uint64)
    mask = np.uint64(slots.size - 1)
    for first in range(0, ends.size, _CHUNK):
        count = min(_CHUNK, ends.size - first)
        for index in range(count):
            start = ends[first + index - 1] + gap if first + index else 0
            keys[index] = _hash_bytes(query, start, ends[first + index])
            prefetch(slots, np.int64(keys[index] & mask))
        for index in range(count):
            slot = slots[keys[index] & mask]
            row = np.int64(slot & _LOW) - 1 if slot >> _S32 == keys[index] >> _S32 else np.int64(-1)
            rows[first + index] = row
            prefetch(offsets, max(row, 0))
        for index in range(count):
            row = rows[first + index]
            if 0 <= row < offsets.size:
                prefetch(text, offsets[row])
        for index in range(count):
            start, stop = ends[first + index - 1] + gap if first + index else 0, ends[first + index]
            row = rows[first + index]
            likely = 0 <= row < offsets.size - 1
            if not likely or not _same(query, start, stop, text, offsets[row], offsets[row + 1]):
                rows[first + index] = _find_text(query, start, stop, slots, text, offsets)


@compiled
def _rows_of_numbers(query: Rows, slots: Slots, ids: Rows, rows: Rows) -> None:
    for index in range(query.size):
        rows[index] = _find_number(query[index], slots, ids)


def text_rows(wanted: Sequence[str], slots: Slots, text: Bytes, offsets: Rows) -> Rows:
    """int64[n] rows of `wanted`, -1 where unknown."""
    rows, ends = np.empty(len(wanted), np.int64), np.empty(len(wanted), np.int64)
    if not wanted:
        return rows
    query = np.frombuffer("\n".join(wanted).encode("utf-8", "surrogatepass"), np.uint8)
    if _line_ends(query, ends) == ends.size:
        _rows_of_slices(query, ends, 1, slots, text, offsets, rows)
        return rows
    parts = [one.encode("utf-8", "surrogatepass") for one in wanted]  # an id has a newline of its own
    ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
    _rows_of_slices(np.frombuffer(b"".join(parts), np.uint8), ends, 0, slots, text, offsets, rows)
    return rows


def number_rows(wanted: Sequence[int], slots: Slots, ids: Rows) -> Rows:
    """int64[n] rows of `wanted`, -1 where unknown, which every integer outside int64 is.

    Raises TypeError for what is no integer.
    """
    try:
        query = np.frombuffer(array.array("q", wanted), np.int64)
    except OverflowError:
        inside = [one if -(2**63) <= one < 2**63 else None for one in wanted]
        query = np.array([0 if one is None else one for one in inside], np.int64)
        rows = number_rows(query.tolist(), slots, ids)
        rows[[index for index, one in enumerate(inside) if one is None]] = -1
        return rows
    return rows_of_numbers(query, slots, ids)


def rows_of_numbers(query: Rows, slots: Slots, ids: Rows) -> Rows:
    """int64[n] rows of `query`, int64[n], -1 where unknown."""
    rows = np.empty(query.size, np.int64)
    if query.size:
        _rows_of_numbers(query, slots, ids, rows)
    return rows


def rows_of_slices(query: Bytes, ends: Rows, gap: int, slots: Slots, text: Bytes, offsets: Rows) -> Rows:
    """int64[n] rows of ids that end at `ends` in `query`, `gap` bytes between them; -1 where unknown."""
    rows = np.empty(ends.size, np.int64)
    _rows_of_slices(query, ends, gap, slots, text, offsets, rows)
    return rows
