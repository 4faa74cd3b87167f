"""No row vanishes without a word: read is used and left out, with a reason and an example each."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.accounting import account
from tests.experiments.analysis.frames import asked, frame, question, table


def test_every_row_has_a_reason() -> None:
    """Null and empty units, arms that are absent, misspelt or not declared, and units in both arms."""
    data = frame(units=1_000)
    data.loc[:4, "unit"] = None
    data.loc[5:6, "unit"] = ""
    data.loc[10:19, "arm"] = "B "
    data.loc[20:49, "arm"] = "new"
    data.loc[50:51, "arm"] = None
    both = data.loc[100:102].assign(arm=lambda rows: np.where(rows.arm == "a", "b", "a"))
    found, said = asked(pd.concat([data, both]), question())
    books = found.accounting
    assert books.read == 1_003
    assert [(each.rows, each.reason) for each in books.left_out] == [
        (7, "without a unit"),
        (30, "of arm 'new' (not declared)"),
        (10, "of arm 'B ' (not declared, perhaps 'b')"),
        (2, "without an arm"),
        (6, "of units in several arms"),
    ]
    assert books.read == books.used + sum(each.rows for each in books.left_out)
    assert books.used == sum(found.units.values())
    assert "2 without an arm, such as unit u50" in books.sentence()
    assert not said.startswith("can't say")


@pytest.mark.parametrize(
    ("declared", "found"),
    [(["True", "False"], [True, False]), (["1", "0"], [1.0, 0.0]), (["a", "b"], ["A", "b "])],
)
def test_a_declared_arm_that_is_missing_lists_those_that_are_there(
    declared: list[str], found: list[object]
) -> None:
    """As arms are written in the table, with the declared one that is near."""
    data = frame(units=400)
    data["arm"] = data["arm"].map({"a": found[0], "b": found[1]})
    weights = {"": dict.fromkeys(declared, 0.5)}
    _, said = asked(data, question(control=declared[0], weights=weights))
    assert said.startswith("can't say: the experiment has no data")
    assert "400 rows read, 0 used; left out: " in said
    assert all(f"perhaps {each!r}" in said for each in declared)


def test_many_arms_are_counted_together() -> None:
    """Eight by name, the rest as one figure: nothing is lost."""
    data = frame(units=2_000)
    data["arm"] = [f"arm-{n % 500}" if n % 2 else each for n, each in enumerate(data.arm)]
    books = account(table(data), question())
    assert len(books.left_out) == 9
    assert books.left_out[-1].reason == "of 242 more arms that are not declared"
    assert books.read == books.used + sum(each.rows for each in books.left_out)
