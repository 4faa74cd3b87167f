"""Columns as what all of their values are."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from monitoring.tables.dialect import CsvDialect
from monitoring.tables.guessed import guessed


def test_a_column_is_what_all_of_its_values_are_and_names_stay_as_they_are_written() -> None:
    table = pa.table({
        "unit": ["1", "2"], "n": ["1", "2"], "x": ["1", "NA"], "b": ["true", "false"],
        "t": ["2024-01-01", "2024-01-02 03:04:05"], "s": ["1", "y"],
        "none": pa.array([None, None], pa.string()),
    })  # fmt: skip
    found = guessed(table, {"unit"}, CsvDialect())
    assert found.to_pylist()[1] == {
        "unit": "2", "n": 2, "x": None, "b": False, "t": datetime(2024, 1, 2, 3, 4, 5), "s": "y",
        "none": None,
    }  # fmt: skip


def test_one_letter_in_the_last_of_many_rows_leaves_all_of_them_text() -> None:
    rows = [str(number) for number in range(50_000)]
    assert guessed(pa.table({"n": [*rows, "x"]}), (), CsvDialect()).column("n").to_pylist() == [*rows, "x"]
    assert guessed(pa.table({"n": rows}), (), CsvDialect()).column("n").to_pylist() == list(range(50_000))
