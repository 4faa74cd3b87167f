"""Units count once, where they were first seen, with the slices that they had there."""

import pandas as pd

from experiments.analysis.first_seen import first_seen, slice_column
from experiments.analysis.tables import table_of
from tests.experiments.analysis.frames import CONNECTION, HALF, question

ROWS = pd.DataFrame(
    {
        "unit": ["u1", "u1", "u2", "u3", "u3"],
        "arm": ["b", "a", "a", "b", "b"],
        "time": [2.0, 1.0, 5.0, 4.0, 3.0],
        "day": ["tue", "mon", "wed", "wed", "tue"],
        "version": [2, 1, 1, None, 2],
    }
)


def test_units_are_what_they_were_first() -> None:
    """The earlier row says phase, arm and slices, whatever order rows come in."""
    asked = question(weights={**HALF}, phase="day", time="time", slices=("version", "day"))
    found = first_seen(table_of(ROWS, CONNECTION, "first_seen"), asked)
    assert found.units == {"mon": {"a": 1}, "wed": {"a": 1}, "tue": {"b": 1}}
    assert found.rows == 5
    lines = sorted(found.table.to_pyarrow().to_pylist(), key=lambda line: float(line["_first"]))
    assert [line[slice_column(0)].removesuffix(".0") for line in lines] == ["1", "2", "1"]
    assert [line[slice_column(1)] for line in lines] == ["mon", "tue", "wed"]
    assert [line["_rows"] for line in lines] == [2, 2, 1]


def test_without_phases_and_times_there_is_one_phase() -> None:
    """The lowest arm stands for a unit in several, as it does where units are counted."""
    found = first_seen(table_of(ROWS, CONNECTION, "first_seen_2"), question())
    assert found.units == {"": {"a": 2, "b": 1}}
