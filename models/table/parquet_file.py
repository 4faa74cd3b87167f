"""A Parquet file as a pandas frame over Arrow: no column goes through float64 or Python objects."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_parquet(path: Path) -> pd.DataFrame:
    """Every column of the file in its own type: integers beside missing ones stay integers.

    Raises:
        pyarrow.ArrowException, OSError: it is no Parquet file, or cannot be read.
    """
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    own = own_names(path)
    return as_frame(table.drop_columns([name for name in table.column_names if name not in own]))


def own_names(path: Path) -> list[str]:
    """The columns of a Parquet file, without what pandas writes of an index that has no name."""
    import pyarrow.parquet as pq

    names = pq.read_schema(path).names
    return [name for name in names if not re.fullmatch(r"__index_level_\d+__", name)]


def as_frame(table: pa.Table) -> pd.DataFrame:
    """The same columns as pandas has them over Arrow's own memory."""
    import pandas as pd

    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    return frame
