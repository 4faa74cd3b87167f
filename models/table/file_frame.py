"""Parquet files as a frame whose columns are read when they are asked for: for tables that outgrow memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.table.parquet_file import as_frame, own_names

if TYPE_CHECKING:
    import pandas as pd

LARGE = 1 << 30
"""Bytes of a table's cells, four each, from which on its columns are not held in memory together."""


class FileFrame:
    """The rows of one or two Parquet files after one another: what a table asks of a frame.

    `rows` of it are taken, in that order; all where it is None.
    """

    empty = False

    def __init__(self, files: tuple[Path, ...], rows: NDArray[np.int64] | None = None) -> None:
        import pyarrow.parquet as pq

        self._files, self._rows = files, rows
        self.stored = tuple(pq.read_metadata(path).num_rows for path in files)
        self.columns = own_names(files[0])

    def __len__(self) -> int:
        return sum(self.stored) if self._rows is None else len(self._rows)

    def __getitem__(self, name: str) -> pd.Series:
        """One column, read now; two of the same name are a frame, as pandas has it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        parts = [pq.ParquetFile(path).read(columns=[name]) for path in self._files]
        found = as_frame(pa.concat_tables(parts))[name]
        return found if self._rows is None else found.iloc[self._rows].reset_index(drop=True)

    def taken(self, rows: NDArray[np.int64]) -> FileFrame:
        """These rows of the files, in this order."""
        same = len(rows) == len(self) and bool((rows == np.arange(len(rows))).all())
        return FileFrame(self._files, None if same else rows)


def file_frame(files: tuple[Path, ...]) -> FileFrame | None:
    """The files as such a frame where they are large and have the same columns; else None."""
    import pyarrow.parquet as pq

    found = [pq.read_metadata(path) for path in files]
    cells = sum(each.num_rows * each.num_columns for each in found)
    alike = all(each.schema.equals(found[0].schema) for each in found)
    return FileFrame(files) if cells * 4 > LARGE and alike else None
