"""The table beside a closed segment: which hash of a request id has its line where."""

from __future__ import annotations

import math
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitoring.log.scan import scan

SUFFIX = ".idx"
_CELL = 8  # bytes of a hash, and of an offset

Table = NDArray[np.uint64]
"""Shape (2, n): hashes in ascending order, and the offset of each one's line."""


class TableDamaged(ValueError):  # noqa: N818 - a state of a file
    """A table beside a segment that is not what was written: it has to be made again."""


@dataclass(frozen=True)
class StoredTable:
    """A table on disk, of which only what is looked for is read: a file that is cut short ends no process.

    Its `count` columns begin at byte `start`. Hashes are spread evenly, so that their place is known but for
    a few roots of their number: one read finds them, and what it misses is searched for by halves.
    """

    path: Path
    start: int
    count: int

    def offsets_of(self, key: int) -> list[int]:
        """Where the lines of one hash begin. Raises TableDamaged."""
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise TableDamaged(f"{self.path}: {error.strerror}") from error
        try:
            first = place = self._first(file, key)
            while place < self.count and self._cell(file, place) == key:
                place += 1
            return [self._cell(file, self.count + each) for each in range(first, place)]
        finally:
            os.close(file)

    def _first(self, file: int, key: int) -> int:
        """The first place whose hash is not below `key`."""
        low, high = self._near(file, key)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._cell(file, middle) < key else (low, middle)
        return low

    def _near(self, file: int, key: int) -> tuple[int, int]:
        """Between which places it is; the same twice where it is known."""
        spread = 8 + 2 * math.isqrt(self.count)  # four standard errors of an even spread
        middle = (key * self.count) >> 64
        low, high = max(0, middle - spread), min(self.count, middle + spread)
        content = os.pread(file, (high - low) * _CELL, self.start + low * _CELL)
        if len(content) != (high - low) * _CELL:
            raise TableDamaged(f"{self.path}: has fewer than {2 * self.count} numbers")
        place = low + int(np.searchsorted(np.frombuffer(content, np.uint64), np.uint64(key)))
        if (place > low or low == 0) and (place < high or high == self.count):
            return place, place
        return 0, self.count

    def _cell(self, file: int, place: int) -> int:
        content = os.pread(file, _CELL, self.start + place * _CELL)
        if len(content) != _CELL:
            raise TableDamaged(f"{self.path}: has fewer than {2 * self.count} numbers")
        return int.from_bytes(content, "little")


def merged(tables: list[Table]) -> Table:
    """One table of all, the lines of equal hashes in the order of `tables`."""
    both = np.concatenate(tables, axis=1)
    return np.ascontiguousarray(both[:, np.argsort(both[0], kind="stable")])


def offsets_of(table: Table, key: int) -> list[int]:
    """Where the lines of one hash begin."""
    first, last = (int(np.searchsorted(table[0], np.uint64(key), side)) for side in ("left", "right"))
    return [int(offset) for offset in table[1, first:last]]


def table_path(segment: Path) -> Path:
    """The file of a segment's table."""
    return segment.with_suffix(SUFFIX)


def write_table(segment: Path, table: Table) -> None:
    """Replace the table beside `segment` atomically; workers that do it at once write the same bytes."""
    temporary = segment.with_name(f".{segment.stem}.{os.getpid()}.{threading.get_ident()}")
    try:
        with temporary.open("wb") as file:
            np.save(file, table, allow_pickle=False)
        temporary.replace(table_path(segment))
    finally:
        temporary.unlink(missing_ok=True)


def read_table(segment: Path) -> StoredTable | None:
    """The table of a closed segment; None where there is none that can be read."""
    path = table_path(segment)
    try:
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                return None
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file)
            start = file.tell()
            size = os.fstat(file.fileno()).st_size
    except (OSError, ValueError, EOFError):
        return None
    if dtype != np.dtype("<u8") or len(shape) != 2 or shape[0] != 2 or by_columns:
        return None
    return StoredTable(path, start, shape[1]) if size == start + 2 * shape[1] * _CELL else None


def whole_table(segment: Path) -> Table | None:
    """The table of a closed segment in memory; None where there is none that can be read."""
    stored = read_table(segment)
    try:
        found = None if stored is None else np.fromfile(stored.path, np.uint64, offset=stored.start)
    except OSError:
        return None
    if stored is None or found is None or len(found) != 2 * stored.count:
        return None
    table: Table = found.reshape(2, stored.count)
    return table


def made_again(segment: Path) -> Table:
    """The table of a segment, in memory and beside it, from its lines."""
    try:
        found = [(key, offset) for key, offset, _ in scan(segment) if key >= 0]
    except FileNotFoundError:
        found = []
    table = merged([np.array(found, dtype=np.uint64).reshape(-1, 2).T])
    with suppress(OSError):
        write_table(segment, table)
    return table
