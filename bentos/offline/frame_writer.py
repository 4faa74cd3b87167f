"""Frames, one after the other, as one Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


class FrameWriter:
    """A Parquet file that grows by frames, whole or not there at all; the first frame's types hold."""

    def __init__(self, file: Path, columns: tuple[str, ...]) -> None:
        self._file, self._columns = file, columns
        self._draft = file.with_name(f".{file.name}.draft")
        self._writer: Any = None

    def __enter__(self) -> FrameWriter:
        return self

    def write(self, frame: pd.DataFrame) -> None:
        """Add its rows; columns that it lacks are missing in them."""
        table = pa.Table.from_pandas(frame.reindex(columns=list(self._columns)), preserve_index=False)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._draft, table.schema)
        self._writer.write_table(table.cast(self._writer.schema))

    def __exit__(self, kind: object, *rest: object) -> None:
        if self._writer is not None:
            self._writer.close()
            if kind is None:
                self._draft.replace(self._file)
            else:
                self._draft.unlink(missing_ok=True)
