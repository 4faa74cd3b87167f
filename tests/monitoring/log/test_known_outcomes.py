"""Decisions with what came of their items: which are read, what is known of them, and which are of use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitoring.log.known_outcomes import (
    LATEST_FIRST,
    REASONS,
    TOGETHER,
    Wanted,
    has_outcomes,
    numbers,
    read_decisions,
    told_of,
    unusable,
    worth_of,
)
from monitoring.log.version_name import VersionName
from monitoring.log.window import window
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes

SEVEN = VersionName("flights", "7")
ALL = Wanted()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Five decisions of three items each, of which two have outcomes."""
    write_decisions(
        tmp_path,
        decision("plain", time=1000.0),
        decision("drawn", time=1010.0, explored=True),
        decision("drawn-by-9", time=1020.0, explored=True, model="flights/9"),
        decision("drawn-by-nobody", time=1030.0, explored=True, fallback="scores are constant"),
        decision(
            "drawn-in-part", time=1040.0, explored=True, candidates=["item-2"], slate=[0], scores=[1.0],
            propensities=[0.5], offered=3, digest="abc",
        ),
    )  # fmt: skip
    write_outcomes(
        tmp_path,
        outcome("plain", "item-0", 1.0, time=1100.0),
        outcome("drawn", "item-1", 0.0, time=1100.0),
        outcome("drawn", "item-1", 3.0, time=1200.0),
        outcome("drawn", "item-2", 1.0, time=1150.0),
        outcome("drawn", "item-0", float("nan"), time=1150.0),
        outcome("drawn", "never shown", 5.0, time=1150.0),
    )
    return tmp_path


def rows(log: Path, wanted: Wanted = ALL) -> dict[str, object]:
    """Rows by request, in their order."""
    with window(log) as opened:
        return {str(row.request_id): row for row in read_decisions(opened, wanted).itertuples()}


def test_the_latest_outcome_of_each_item_shown_is_known(log: Path) -> None:
    """An item that was not on the slate, or whose outcome is no number, has none."""
    found = rows(log)
    assert told_of(found["drawn"]) == {"item-1": (3.0, 1200.0), "item-2": (1.0, 1150.0)}
    assert worth_of(found["drawn"]) == {"item-1": 3.0, "item-2": 1.0}
    assert worth_of(found["plain"]) == {"item-0": 1.0}
    assert has_outcomes(found["plain"])
    assert not has_outcomes(found["drawn-by-9"])
    assert told_of(found["drawn-by-9"]) == {}


def test_every_decision_is_read_in_order_of_time(log: Path) -> None:
    """Unless less is wanted; the record's lists come as they are, what nobody asks for does not come."""
    found = rows(log)
    assert list(found) == ["plain", "drawn", "drawn-by-9", "drawn-by-nobody", "drawn-in-part"]
    assert list(found["plain"].slate) == [2, 1, 0]  # type: ignore[attr-defined]
    assert found["plain"].context == '{"wind_speed":11.5,"carrier":"UA"}'  # type: ignore[attr-defined]
    assert not {"attributes", "arms", "team", "rankers"} & set(found["plain"]._fields)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(explored=True), ["drawn", "drawn-by-9", "drawn-by-nobody", "drawn-in-part"]),
        (Wanted(by=SEVEN), ["plain", "drawn", "drawn-in-part"]),
        (Wanted(explored=True, by=SEVEN, whole=True), ["drawn"]),
        (Wanted(by=VersionName("flights", "8")), []),
        (Wanted(settled=0.0), ["plain", "drawn", "drawn-by-9", "drawn-by-nobody", "drawn-in-part"]),
        (Wanted(settled=20.0), ["plain", "drawn", "drawn-by-9"]),
        (Wanted(settled=20.5), ["plain", "drawn"]),
        (Wanted(order=LATEST_FIRST, most=2), ["drawn-in-part", "drawn-by-nobody"]),
        (Wanted(explored=True, order=LATEST_FIRST, most=1, by=SEVEN, whole=True), ["drawn"]),
        (Wanted(order=TOGETHER), ["plain", "drawn", "drawn-by-nobody", "drawn-in-part", "drawn-by-9"]),
    ],
)
def test_only_what_is_wanted_is_read(log: Path, wanted: Wanted, expected: list[str]) -> None:
    """By slice, version, wholeness, age (half open), order and number."""
    assert list(rows(log, wanted)) == expected


def test_outcomes_are_those_of_what_is_wanted(log: Path) -> None:
    """Each condition leaves a decision's outcomes with it."""
    for wanted in (Wanted(explored=True), Wanted(by=SEVEN), Wanted(settled=1.0), Wanted(whole=True)):
        assert worth_of(rows(log, wanted)["drawn"]) == {"item-1": 3.0, "item-2": 1.0}


def test_what_is_of_no_use_says_why(log: Path) -> None:
    """Fallbacks first, then missing outcomes, then reduced records."""
    write_outcomes(log, outcome("drawn-in-part", "item-2", 1.0), outcome("drawn-by-nobody", "item-2", 1.0))
    found = rows(log)
    assert {name: unusable(row) for name, row in found.items()} == {
        "plain": None,
        "drawn": None,
        "drawn-by-9": "without outcomes",
        "drawn-by-nobody": "under a fallback",
        "drawn-in-part": "with a reduced record",
    }
    assert unusable(found["drawn-by-nobody"], fallbacks=True) is None
    assert {unusable(row) for row in found.values()} - {None} == set(REASONS)


def test_a_log_of_nothing_has_no_rows(tmp_path: Path) -> None:
    """Also where only the settled ones are asked for, and there is no last decision."""
    assert rows(tmp_path) == {}
    assert rows(tmp_path, Wanted(explored=True, settled=3600.0)) == {}


def test_outcomes_may_be_missing_as_pandas_has_it() -> None:
    """A frame of one's own: None and NaN both say that nothing is known."""
    frame = pd.DataFrame({"known_items": [None, np.nan, ["a"]], "worth": [None, np.nan, [2.0]]})
    frame["known_at"] = [None, np.nan, [5.0]]
    assert [told_of(row) for row in frame.itertuples()] == [{}, {}, {"a": (2.0, 5.0)}]


def test_what_is_null_in_a_list_is_no_number(tmp_path: Path) -> None:
    """An unknown item's score and an unknown propensity are NaN, where DuckDB's masked arrays hold a 0."""
    write_decisions(tmp_path, decision("r0", 3, scores=[2.0, 1.0, None], propensities=[0.5, None, 1.0]))
    with window(tmp_path) as log:
        [row] = read_decisions(log).itertuples()
    np.testing.assert_array_equal(numbers(row.scores), [2.0, 1.0, np.nan])
    np.testing.assert_array_equal(numbers(row.propensities), [0.5, np.nan, 1.0])
    np.testing.assert_array_equal(numbers([1.0, None]), [1.0, np.nan])
