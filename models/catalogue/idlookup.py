"""Many ids looked up at once: lists of texts and integers, and slices of a request's JSON."""

# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)

import array
from collections.abc import Sequence

import numpy as np

from models.catalogue.idindex import (
    EMPTY,
    LOW,
    ONE,
    S32,
    Bytes,
    Rows,
    Slots,
    find_number,
    find_text,
    hash_bytes,
    same_bytes,
)
from models.compiled import compiled, prefetch, word_at

_NEWLINE = np.uint8(10)
_NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)
_SEVENS = np.uint64(0x7F7F7F7F7F7F7F7F)
_CHUNK = 256  # ids whose keys stay in the first-level cache


@compiled
def _line_ends(query: Bytes, ends: Rows) -> int:
    """Where newline-separated ids end; returns how many there are, writing no more than fit `ends`."""
    line, position = 0, 0
    while position + 8 <= query.size:  # eight bytes at a time: a byte of `hit` is 128 where a newline is
        word = word_at(query, position) ^ _NEWLINES
        hit = ~(((word & _SEVENS) + _SEVENS) | word | _SEVENS)
        for byte in range(8):
            if hit == EMPTY:
                break
            if (hit >> np.uint64(8 * byte + 7)) & ONE:
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
            keys[index] = hash_bytes(query, start, ends[first + index])
            prefetch(slots, np.int64(keys[index] & mask))
        for index in range(count):
            slot = slots[keys[index] & mask]
            row = np.int64(slot & LOW) - 1 if slot >> S32 == keys[index] >> S32 else np.int64(-1)
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
            if not likely or not same_bytes(query, start, stop, text, offsets[row], offsets[row + 1]):
                rows[first + index] = find_text(query, start, stop, slots, text, offsets)


@compiled
def _rows_of_numbers(query: Rows, slots: Slots, ids: Rows, rows: Rows) -> None:
    for index in range(query.size):
        rows[index] = find_number(query[index], slots, ids)


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
