"""Arrays of a large table in a file without a name: mapped into memory, read when looked at, then let go.

What is read from the file is the system's own cache, which it takes back when memory is short.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

LET_GO = 0.2  # seconds between two times that pages are let go while other code reads
WRITTEN = 64 << 20  # bytes of an array that are written at once


class Spool:
    """Arrays kept in a file below a folder; it has no name and goes with the process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - open as long as the spool
        self._maps: list[mmap.mmap] = []
        self._end = 0

    def keep(self, values: NDArray[Any]) -> NDArray[Any]:
        """The same array, to be read from the file. Raises OSError where the disk is full."""
        flat = np.ascontiguousarray(values).reshape(-1)
        start = self._reserve(flat.nbytes)
        self._write(start, flat)
        return self._mapped(start, flat.nbytes).view(values.dtype).reshape(values.shape)

    def matrix(self, rows: int, columns: int) -> SpoolMatrix:
        """Room for float32 (rows, columns), to be filled a part of a column at a time."""
        start = self._reserve(rows * columns * 4)
        os.ftruncate(self._file.fileno(), start + rows * columns * 4)
        return SpoolMatrix(self, start, (rows, columns))

    def let_go(self) -> None:
        """Take what was read out of this process's memory; arrays stay valid and are read again."""
        for each in self._maps:
            each.madvise(mmap.MADV_DONTNEED)

    @contextmanager
    def letting_go(self) -> Iterator[None]:
        """Meanwhile, again and again: for code that reads all of an array, column after column."""
        done = Event()

        def work() -> None:
            while not done.wait(LET_GO):
                self.let_go()

        thread = Thread(target=work, name="spool", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self.let_go()

    def _reserve(self, size: int) -> int:
        start = self._end
        self._end = start + -(-size // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        return start

    def _write(self, start: int, flat: NDArray[Any]) -> None:
        data = flat.view(np.uint8)
        done = 0
        while done < len(data):
            done += os.pwrite(self._file.fileno(), data[done : done + WRITTEN].data, start + done)

    def _mapped(self, start: int, size: int) -> NDArray[np.uint8]:
        if not size:
            return np.empty(0, dtype=np.uint8)
        found = mmap.mmap(self._file.fileno(), size, prot=mmap.PROT_READ, offset=start)
        self._maps.append(found)
        return np.frombuffer(found, dtype=np.uint8)


class SpoolMatrix:
    """float32 (rows, columns) in a spool, each column beside itself, as CatBoost reads it without a copy."""

    def __init__(self, spool: Spool, start: int, shape: tuple[int, int]) -> None:
        self._spool, self._start, self._shape = spool, start, shape

    def fill(self, column: int, row: int, values: NDArray[np.float32]) -> None:
        """Write a column's values from a row on."""
        at = self._start + (column * self._shape[0] + row) * 4
        self._spool._write(at, np.ascontiguousarray(values, dtype=np.float32))

    def array(self) -> NDArray[np.float32]:
        """The whole of it, once it is filled."""
        rows, columns = self._shape
        mapped = self._spool._mapped(self._start, rows * columns * 4)
        return mapped.view(np.float32).reshape(columns, rows).T
