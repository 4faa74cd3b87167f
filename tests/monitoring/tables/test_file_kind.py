"""What only its name calls a csv is refused by what it is."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from monitoring.tables.csv_file import CsvError, read_csv
from monitoring.tables.dialect import CsvDialect
from monitoring.tables.file_kind import other_kind

TABLE = pa.table({"a": [1, 2]})


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as base:
        base.execute("create table t (a)")
    base.close()


KINDS = {
    "Excel": _zip,
    "Parquet": lambda path: pq.write_table(TABLE, path),
    "Arrow": lambda path: feather.write_feather(TABLE, str(path), compression="uncompressed"),
    "gzip": lambda path: path.write_bytes(gzip.compress(b"a\n1\n")),
    "SQLite": _sqlite,
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_the_file_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t.csv"
    KINDS[kind](path)
    with pytest.raises(CsvError, match=rf"^t\.csv begins as an? {kind}"):
        read_csv(path, CsvDialect())


def test_a_csv_is_none_of_them_and_a_compressed_one_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("PK,b\n1,2\n")
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    for name in ("t.csv", "t.csv.gz"):
        assert other_kind(tmp_path / name) is None
        assert read_csv(tmp_path / name, CsvDialect()).num_rows == 1
