"""Parquet columns keep their own type."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.table.parquet_file import read_parquet


def test_whole_numbers_beside_missing_ones_stay_whole(tmp_path: Path) -> None:
    values = [2**53 + 1, 2**53 + 2, None]
    pq.write_table(pa.table({"id": pa.array(values, pa.int64())}), tmp_path / "t.parquet")
    assert read_parquet(tmp_path / "t.parquet")["id"].dropna().tolist() == values[:2]


def test_an_index_of_pandas_is_a_column_if_it_has_a_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="id"))
    frame.to_parquet(tmp_path / "named.parquet")
    frame.rename_axis(None).to_parquet(tmp_path / "unnamed.parquet")
    assert read_parquet(tmp_path / "named.parquet")["id"].tolist() == ["x", "y"]
    assert read_parquet(tmp_path / "unnamed.parquet").columns.tolist() == ["a"]
