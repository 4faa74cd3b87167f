"""Sketches of columns: they add up, in any order, and say the same as the rows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.drift.sketches import MOST_NAMES, ColumnSketch, counted, merged

_NUMBERS = st.lists(st.one_of(st.floats(), st.none()), max_size=60)
_NAMES = st.lists(st.one_of(st.sampled_from("abcdef"), st.none()), max_size=60)


def _of(values: list[float | None] | list[str | None], kind: str) -> ColumnSketch:
    sketch = ColumnSketch("numeric" if kind == "numeric" else "categorical")
    sketch.update(pd.Series(values, dtype="float64" if kind == "numeric" else "object"))
    return sketch


@given(st.lists(_NUMBERS, min_size=2, max_size=4))
def test_numbers_add_up_in_any_order(parts: list[list[float | None]]) -> None:
    """Few enough to be exact: merged either way, and saved between, they count as all at once."""
    sketches = [ColumnSketch.from_bytes(_of(part, "numeric").to_bytes()) for part in parts]
    whole = _of([value for part in parts for value in part], "numeric")
    for some in (merged(sketches), merged(sketches[::-1])):
        assert some.count == whole.count == sum(map(len, parts))
        assert counted([some]).tolist() == counted([whole]).tolist()


@given(st.lists(_NAMES, min_size=2, max_size=4))
def test_categories_add_up_in_any_order(parts: list[list[str | None]]) -> None:
    """Every name, and what is missing."""
    sketches = [ColumnSketch.from_bytes(_of(part, "categorical").to_bytes()) for part in parts]
    every = [value for part in parts for value in part]
    for some in (merged(sketches), merged(sketches[::-1])):
        assert some.names == Counter(value for value in every if value is not None)
        assert (some.count, some.missing) == (len(every), every.count(None))


def test_a_million_categories_are_bounded() -> None:
    """The frequent ones keep their names, all rows are counted, and a day's table holds them all."""
    values = [f"name {k}" for k in range(100_000)] + ["often"] * 50
    one, other = _of(values, "categorical"), _of(values, "categorical")
    one.merge(other)
    assert len(one.names) == MOST_NAMES
    assert (one.names["often"], one.count) == (100, 200_100)
    assert counted([one, other]).sum(axis=1).tolist() == [200_100, 100_050]


def test_bins_of_sketches_are_those_of_the_rows() -> None:
    """Equal to a point and between points are told apart; beyond k values the error is KLL's."""
    days = [[0.0, 0.0, 1.0, None], [1.0, 1.0, 2.0, None]]
    table = counted([_of(day, "numeric") for day in days])
    assert table.tolist() == [[0, 2, 0, 1, 0, 0, 0, 1], [0, 0, 0, 2, 0, 1, 0, 1]]
    values = np.random.default_rng(0).normal(size=100_000)
    large = counted([_of(values.tolist(), "numeric")])
    assert large.sum() == pytest.approx(100_000, rel=1e-4)


def test_kinds_are_not_mixed() -> None:
    """A column that was a number and became a category is an error with both names."""
    with pytest.raises(ValueError, match="a categorical column can't be merged into a numeric one"):
        ColumnSketch("numeric").merge(ColumnSketch("categorical"))
