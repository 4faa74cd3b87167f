"""When a feature is known: entries and globs, offsets and columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration import availability


def test_an_exact_entry_beats_a_glob_and_a_longer_glob_a_shorter() -> None:
    entries = {"*": "0h", "late_*": "-1h", "late_today": "-2h"}
    assert [availability.entry(entries, name) for name in ("late_today", "late_x", "other")] == [
        "-2h",
        "-1h",
        "0h",
    ]


def test_a_name_without_an_entry_has_none() -> None:
    assert availability.entry({"late_*": "-1h"}, "price") is None
    assert availability.entry({}, "price") is None


@given(st.integers(0, 10_000), st.sampled_from("smhd"), st.sampled_from(["", "+", "-"]))
def test_offsets_are_seconds(amount: int, unit: str, sign: str) -> None:
    seconds = amount * availability.SECONDS[unit]
    assert availability.offset_seconds(f"{sign}{amount}{unit}") == (-seconds if sign == "-" else seconds)


def test_an_offset_may_have_a_fraction() -> None:
    assert availability.offset_seconds("-1.5h") == -5400.0


@pytest.mark.parametrize("text", ["", "h", "1", "1w", "1 h", "--1h", "departed_at"])
def test_what_is_no_offset_is_a_column(text: str) -> None:
    assert availability.offset_seconds(text) is None


@pytest.mark.parametrize(
    ("name", "wanted"), [("late_*", True), ("f?", True), ("f[12]", True), ("late", False)]
)
def test_a_glob_has_a_mark(name: str, wanted: bool) -> None:
    assert availability.is_glob(name) is wanted


def test_globs_give_way_to_names_and_take_each_column_once() -> None:
    columns = ["c", "a1", "a2", "b1", "a3"]
    assert availability.expand(("a*", "a2", "*1"), columns) == ("a1", "a3", "a2", "b1")
    assert availability.expand(("*",), columns) == tuple(columns)
    assert availability.expand(("gone", "x*"), columns) == ("gone",)
