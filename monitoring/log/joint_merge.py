"""Joint tables written: sorted tables become one, a part of the hashes after the other, in bounded memory."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitoring.log.joint_table import MAGIC, OFFSET_BITS, OFFSETS, Head, JointTable, Words, first_of


class TableShare(NamedTuple):
    """What a new table takes over: a table, and its segments' numbers in the new one."""

    table: JointTable | tuple[Words, Words]
    numbers: Sequence[int]  # by number in `table`; -1: left out

    def between(self, low: int, high: int, bits: int) -> tuple[Words, Words]:
        """Hashes whose first `bits` are in [low, high), and their places in the new table."""
        if isinstance(self.table, JointTable):
            hashes, places = self.table.between(low, high, bits)
            numbers = np.array(self.numbers, np.int64)[(places >> np.uint64(OFFSET_BITS)).astype(np.int64)]
            kept = numbers >= 0
            moved = numbers[kept].astype(np.uint64) << np.uint64(OFFSET_BITS)
            return hashes[kept], moved | (places[kept] & np.uint64(OFFSETS))
        first, last = (first_of(self.table[0], bound, bits) for bound in (low, high))
        number = np.uint64(self.numbers[0] << OFFSET_BITS)
        return self.table[0][first:last], self.table[1][first:last] | number


_BUCKET = 256  # ids
_AT_ONCE = 1 << 19  # ids in memory while a table is written, about


def write(path: Path, segments: list[str], counts: list[int], sources: Sequence[TableShare]) -> None:
    """Write a table of all `sources` atomically; `counts` are the ids that they have of each segment."""
    total = sum(counts)
    head = Head(segments, counts, max(0, (total // _BUCKET).bit_length()))
    bits = min(head.bits, (total // _AT_ONCE).bit_length())
    temporary = path.with_name(f".{path.name}")
    try:
        with temporary.open("wb", buffering=0) as file:
            bounds, sums, at = [np.zeros(1, np.int64)], [], 0
            for part in range(1 << bits):
                found = [source.between(part, part + 1, bits) for source in sources]
                hashes, places = (np.concatenate([each[k] for each in found]) for k in (0, 1))
                order = np.argsort(hashes, kind="stable")
                hashes, places = hashes[order], places[order]
                _write_at(file.fileno(), hashes, 8 * at)
                _write_at(file.fileno(), places, 8 * (total + at))
                edges = _edges(
                    hashes, part << (head.bits - bits), (part + 1) << (head.bits - bits), head.bits
                )
                sums.append(np.array([_checksums(each, edges) for each in (hashes, places)], np.uint32))
                bounds.append(edges[1:] + at)
                at += len(hashes)
            _write_end(file.fileno(), head, np.concatenate(bounds), np.concatenate(sums, axis=1))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _edges(hashes: Words, low: int, high: int, bits: int) -> NDArray[np.int64]:
    """Where each of the buckets from `low` to `high` begins, and the last one ends."""
    shift = np.uint64(64 - bits)
    of = np.zeros(len(hashes), np.int64) if bits == 0 else (hashes >> shift).astype(np.int64)
    return np.searchsorted(of, np.arange(low, high + 1)).astype(np.int64)


def _checksums(words: Words, edges: NDArray[np.int64]) -> list[int]:
    content, places = memoryview(words.tobytes()), (8 * edges).tolist()
    return [zlib.crc32(content[a:z]) for a, z in pairwise(places)]


def _write_end(file: int, head: Head, bounds: NDArray[np.int64], sums: NDArray[np.uint32]) -> None:
    said = msgspec.json.encode(head)
    content = bounds.astype(np.uint64).tobytes() + np.ascontiguousarray(sums).tobytes() + said
    at = 16 * head.count
    numbers = (len(said), zlib.crc32(content), at)
    trailer = b"".join(each.to_bytes(8, "little") for each in numbers)
    _write_at(file, np.frombuffer(content + trailer + MAGIC, np.uint8), at)


def _write_at(file: int, values: NDArray[Any], start: int) -> None:
    content = memoryview(values.tobytes())
    while content:
        done = os.pwrite(file, content, start)
        content, start = content[done:], start + done
