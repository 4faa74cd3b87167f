"""From rows to units: one row each, in the arm that it was in."""

import numpy as np
import pandas as pd

from experiments.analysis.question import Measure
from experiments.analysis.units import denominator, numerator, units_of
from tests.experiments.analysis.frames import asked, frame, question, table


def test_units_in_two_arms_are_counted_and_left_out() -> None:
    """Up to 1% is a note; above it the split isn't one."""
    data = frame()
    crossed = data.head(10).assign(arm=lambda rows: np.where(rows.arm == "a", "b", "a"))
    found, said = asked(pd.concat([data, crossed]), question())
    assert found.crossed == 10
    assert sum(found.units.values()) == 1_990
    many = data.head(100).assign(arm=lambda rows: np.where(rows.arm == "a", "b", "a"))
    _, said = asked(pd.concat([data, many]), question())
    assert "100 of 2,000 units were seen in several arms, over 1%" in said


def test_nan_outliers_and_winsorising_are_told() -> None:
    """NaN rows are left out and counted; one value of 50,000 is named, and declared winsorising tames it."""
    data = frame()
    data.loc[:11, "m"] = np.nan
    data.loc[50, "m"] = 50_000.0
    found, _ = asked(data, question())
    assert any(
        note.startswith("m: 12 of 2,000 rows have no value (absent, NaN or infinite) and are")
        for note in found.notes
    )
    assert any("one unit (50,000) carries 100% of its variation" in note for note in found.notes)
    tamed, _ = asked(data, question(Measure("m", "m", winsorise=0.999)))
    assert any("over the mean per row (quantile 0.999 of all arms' units)" in note for note in tamed.notes)
    assert tamed.effects[0].winsorised is not None
    assert sum(tamed.effects[0].winsorised.units) == 2
    assert tamed.effects[0].deviation < found.effects[0].deviation / 50


def test_a_unit_is_the_sum_of_its_rows() -> None:
    """Numerators and denominators; a mean counts the rows that have a value, a ratio where both are."""
    data = pd.DataFrame(
        {"unit": ["u", "u", "v"], "arm": ["a", "a", "b"], "m": [1.0, None, 4.0], "size": [2.0, 3.0, 5.0]}
    )
    measures = (Measure("mean", "m"), Measure("ratio", "m", "size"), Measure("sum", "m", per_unit=True))
    found = units_of(table(data), question(*measures))
    rows = found.table.to_pyarrow().to_pylist()
    u, v = sorted(rows, key=lambda row: row["unit"])
    assert [u[numerator(i)] for i in range(3)] == [1.0, 1.0, 1.0]
    assert (u[denominator(0)], u[denominator(1)]) == (1.0, 2.0)
    assert (v[numerator(0)], v[denominator(0)], v[denominator(1)]) == (4.0, 1.0, 5.0)
    assert denominator(2) not in found.table.columns
    assert (found.rows, found.crossed, found.first) == (3, 0, {"": {"a": 1, "b": 1}})


def test_rows_without_unit_or_of_other_arms_are_no_rows() -> None:
    """What is not in the comparison doesn't count in it."""
    data = frame(units=200)
    data.loc[:9, "unit"] = None
    data.loc[10:29, "arm"] = "elsewhere"
    found = units_of(table(data), question())
    assert found.rows == 170
    assert sum(found.first[""].values()) == 170


def test_a_ratio_takes_the_rows_that_have_both_its_columns() -> None:
    """A numerator whose denominator is null leaves with it, and the row is counted."""
    data = pd.DataFrame(
        {"unit": ["u", "u", "v"], "arm": ["a", "a", "b"], "m": [1.0, 7.0, 4.0], "size": [2.0, None, 5.0]}
    )
    found = units_of(table(data), question(Measure("ratio", "m", "size")))
    u, _ = sorted(found.table.to_pyarrow().to_pylist(), key=lambda row: row["unit"])
    assert (u[numerator(0)], u[denominator(0)]) == (1.0, 2.0)
    assert found.notes[0].startswith("ratio: 1 of 3 rows have no value")
