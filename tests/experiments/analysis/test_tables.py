"""Tables are read from the files that people have, and live on the connection that was asked for."""

from pathlib import Path

import pytest

from experiments.analysis.tables import connect, connection_of, kept, read
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import CONNECTION, frame


def test_files_that_are_read(tmp_path: Path) -> None:
    """CSV, compressed or not, Parquet, and a folder of Parquet files."""
    data = frame(units=20)
    (tmp_path / "days" / "one").mkdir(parents=True)
    data.to_csv(tmp_path / "t.csv", index=False)
    data.to_csv(tmp_path / "t.csv.gz", index=False)
    data.head(5).to_parquet(tmp_path / "days" / "one" / "t.parquet")
    data.tail(15).to_parquet(tmp_path / "days" / "t.parquet")
    for name in ("t.csv", "t.csv.gz", "days"):
        found = read(tmp_path / name, CONNECTION)
        assert found.columns == tuple(data.columns)
        assert sorted(found["m"].to_pyarrow().to_pylist()) == pytest.approx(sorted(data["m"]))


def test_files_that_are_not(tmp_path: Path) -> None:
    """Absent, or of a kind that isn't a table."""
    (tmp_path / "t.xlsx").write_text("")
    with pytest.raises(AnalysisError, match=r"table: t\.xlsx is neither \.csv, \.csv\.gz nor \.parquet"):
        read(tmp_path / "t.xlsx", CONNECTION)
    with pytest.raises(AnalysisError, match=r"table: .*absent.csv doesn't exist"):
        read(tmp_path / "absent.csv", CONNECTION)


def test_duckdb_is_bounded_as_asked() -> None:
    """Threads and memory of the connection."""
    bounded = connect(threads=1, memory="300MB")
    found = bounded.con.execute(
        "SELECT current_setting('threads'), current_setting('memory_limit')"
    ).fetchall()
    assert found == [(1, "286.1 MiB")]


def test_what_is_kept_is_worked_out_once() -> None:
    """A table of its own: rows that come later are not in it."""
    connection = connect()
    connection.raw_sql("CREATE TABLE t AS SELECT 1 AS x")
    rows = connection.table("t")
    first, live = kept(rows.filter(rows.x > 0), connection), rows.filter(rows.x > 0)
    connection.raw_sql("INSERT INTO t VALUES (2)")
    assert first.count().to_pyarrow().as_py() == 1
    assert live.count().to_pyarrow().as_py() == 2
    assert connection_of(first) is connection
    assert kept(rows, connection).get_name() != first.get_name()
