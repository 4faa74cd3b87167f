"""One table for many closed segments: which hash of a request id has its line in which segment, and where.

A file of ids in ascending order of their hashes, cut into buckets by the first bits of the hash. A look-up
reads one bucket, whatever the table holds. Each bucket has a CRC-32, as have the bounds of the buckets, which
a reader keeps in memory (16 bytes per 256 ids). The file is made of the tables beside the segments
(`joint_merge`), and can be made again.

It has the hashes, the places, and an end: the buckets' bounds, their checksums, and a head of JSON; then the
head's length, the end's CRC-32 and where it begins, 8 bytes each, and the magic.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitoring.log.offsets import TableDamaged

SUFFIX = ".ids"
MAGIC = b"BALLAST-IDS-1\n"
_TRAILER = 24  # bytes of its three numbers
OFFSET_BITS = 40
OFFSETS = (1 << OFFSET_BITS) - 1

Words = NDArray[np.uint64]


class Place(NamedTuple):
    """Where a line begins: the segment's name without suffix, and the byte."""

    segment: str
    offset: int


class Head(msgspec.Struct, frozen=True):
    """What a table holds: segments by number, ids of each, and how many bits make a bucket."""

    segments: list[str]
    counts: list[int]
    bits: int

    @property
    def count(self) -> int:
        """Ids altogether."""
        return sum(self.counts)


class JointTable:
    """A table that is open for reading: it stays readable when its file is deleted.

    Raises TableDamaged where the file isn't what was written, OSError where there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb", buffering=0)
        size = os.fstat(self._file.fileno()).st_size
        trailer = self._read(max(0, size - _TRAILER - len(MAGIC)), min(size, _TRAILER + len(MAGIC)))
        if len(trailer) < _TRAILER or trailer[_TRAILER:] != MAGIC:
            raise TableDamaged(f"{path}: has no end")
        length, crc = (int.from_bytes(trailer[k : k + 8], "little") for k in (0, 8))
        bounds = int.from_bytes(trailer[16:24], "little")
        head = self._read(bounds, size - _TRAILER - len(MAGIC) - bounds) if bounds < size else b""
        if zlib.crc32(head) != crc or length > len(head):
            raise TableDamaged(f"{path}: what it says of itself has another checksum")
        self.head = msgspec.json.decode(head[len(head) - length :], type=Head)
        buckets = 1 << self.head.bits
        self._bounds = np.frombuffer(head, np.uint64, buckets + 1)
        self._sums = np.frombuffer(head, np.uint32, 2 * buckets, self._bounds.nbytes).reshape(2, buckets)

    def places_of(self, key: int) -> list[Place]:
        """Where the lines of one hash begin. Raises TableDamaged."""
        bucket = key >> (64 - self.head.bits) if self.head.bits else 0
        hashes = self._part(0, bucket, bucket + 1)
        first, last = (int(np.searchsorted(hashes, np.uint64(key), side)) for side in ("left", "right"))
        if first == last:
            return []
        found = self._part(1, bucket, bucket + 1)[first:last].tolist()
        return [Place(self.head.segments[each >> OFFSET_BITS], each & OFFSETS) for each in found]

    def between(self, low: int, high: int, bits: int) -> tuple[Words, Words]:
        """Hashes whose first `bits` are in [low, high), with their places as stored. Raises TableDamaged."""
        shift = self.head.bits - bits
        if shift >= 0:
            buckets = low << shift, high << shift
            return self._part(0, *buckets), self._part(1, *buckets)
        hashes, places = (self._part(k, low >> -shift, -(-high >> -shift)) for k in (0, 1))
        first, last = (first_of(hashes, bound, bits) for bound in (low, high))
        return hashes[first:last], places[first:last]

    def _part(self, column: int, low: int, high: int) -> Words:
        """Buckets `low` to `high` of the hashes (0) or the places (1), each with its checksum compared."""
        bounds = self._bounds[low : high + 1].astype(np.int64) * 8
        start, end = int(bounds[0]), int(bounds[-1])
        content = self._read(column * self.head.count * 8 + start, end - start)
        if len(content) != end - start:
            raise TableDamaged(f"{self.path}: has fewer than {2 * self.head.count} numbers")
        view, edges = memoryview(content), (bounds - start).tolist()
        for k, expected in enumerate(self._sums[column, low:high].tolist()):
            if zlib.crc32(view[edges[k] : edges[k + 1]]) != expected:
                raise TableDamaged(f"{self.path}: what it holds of bucket {low + k} has another checksum")
        return np.frombuffer(content, np.uint64)

    def _read(self, start: int, count: int) -> bytes:
        parts = []
        while count > 0 and (part := os.pread(self._file.fileno(), count, start)):
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return b"".join(parts)


def first_of(hashes: Words, bound: int, bits: int) -> int:
    """The place of the first hash whose first `bits` are not below `bound`."""
    limit = bound << (64 - bits)
    return len(hashes) if limit >> 64 else int(np.searchsorted(hashes, np.uint64(limit)))
