"""The table beside a closed segment: which hash of a request id has its line where."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SUFFIX = ".idx"

Table = NDArray[np.uint64]
"""Shape (2, n): hashes in ascending order, and the offset of each one's line."""


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


def read_table(segment: Path) -> Table | None:
    """The memory-mapped table of a closed segment; None where there is none that can be read."""
    try:
        table = np.load(table_path(segment), mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return table if table.dtype == np.uint64 and table.ndim == 2 and len(table) == 2 else None
