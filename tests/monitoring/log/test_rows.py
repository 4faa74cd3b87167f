"""Records as rows: every field has its column and type, torn lines have no row, newer records are refused."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import msgspec
import pytest

from monitoring.log.record import Decision, Outcome, RecordError, encode, encode_outcomes
from monitoring.log.rows import COLUMNS, json_rows, listed, refuse_newer
from tests.monitoring.records import decision, outcome


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@pytest.mark.parametrize(("kind", "record"), [("decisions", Decision), ("outcomes", Outcome)])
def test_every_field_of_a_record_has_a_column(kind: str, record: type[msgspec.Struct]) -> None:
    """In the record's own order; a field that is forgotten here would be missing from every analysis."""
    assert list(COLUMNS[kind]) == [field.name for field in msgspec.structs.fields(record)]


def test_a_decision_is_a_row(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Lists as lists, propensities for each item, context as it was, ids as text."""
    file = tmp_path / "it's a segment.jsonl"
    file.write_bytes(
        encode(decision("r1", propensities=[0.5])) + encode(decision("r2", candidates=[3, -1, 2], top_k=2))
    )
    rows = connection.execute(json_rows("decisions", [file])).df().set_index("request_id")
    first = rows.loc["r1"]
    assert list(first.candidates) == ["item-0", "item-1", "item-2"]
    assert list(first.slate) == [2, 1, 0]
    assert list(first.propensities) == [0.5, 0.5, 0.5]
    assert json.loads(first.context) == {"wind_speed": 11.5, "carrier": "UA"}
    assert first.arms[0]["salt"] == "salt-1"
    assert first.segment == str(file)
    assert not first.integer_ids
    assert list(rows.loc["r2"].candidates) == ["3", "-1", "2"]
    assert rows.loc["r2"].integer_ids
    assert rows.loc["r2"].top_k == 2


def test_what_is_no_whole_record_has_no_row(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Torn and empty lines, junk and other objects; what stands between them has one."""
    file = tmp_path / "segment.jsonl"
    whole = encode_outcomes([outcome("r1", "a", 1.0)])
    other = encode_outcomes([outcome("r2", 7, 0.0)])
    file.write_bytes(whole + whole[:30] + b"\n\njunk\n" + b'{"time": 3.0}\n' + other)
    rows = connection.execute(json_rows("outcomes", [file])).df()
    assert rows.request_id.tolist() == ["r1", "r2"]
    assert rows.item.tolist() == ["a", "7"]


def test_newer_records_are_refused(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """With where they lie; a table without rows has none."""
    connection.execute("CREATE TABLE batch (v INTEGER)")
    refuse_newer(connection, "batch", tmp_path)
    connection.execute("INSERT INTO batch VALUES (1)")
    refuse_newer(connection, "batch", tmp_path)
    connection.execute("INSERT INTO batch VALUES (2)")
    with pytest.raises(RecordError) as caught:
        refuse_newer(connection, "batch", tmp_path)
    assert str(caught.value) == (f"{tmp_path} has records of version 2; this Ballast reads versions up to 1")


def test_a_quote_in_a_files_name_ends_no_text() -> None:
    assert listed([Path("a"), Path("it's")]) == "['a', 'it''s']"
    assert listed([]) == "[]"
