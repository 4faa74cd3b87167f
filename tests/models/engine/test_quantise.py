"""Values as bytes: how many of a column's borders they are above."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.engine.quantise import Ruler, count_below, fill_row, fill_table
from models.engine.trees import BORDERS, SplitColumn

floats = st.floats(width=32, allow_nan=False)
BORDER_LISTS = st.lists(floats, min_size=1, max_size=BORDERS, unique=True)


def ruler(*borders: list[float], nan_is_high: bool = False) -> Ruler:
    return Ruler([SplitColumn(0, np.sort(np.array(each, np.float32)), nan_is_high) for each in borders])


@given(BORDER_LISTS, st.lists(floats, min_size=1, max_size=30))
def test_a_value_is_above_the_borders_that_are_less(borders: list[float], values: list[float]) -> None:
    """As numpy counts them; a value equal to a border is not above it."""
    own = ruler(borders)
    for value in np.array([*values, *borders], np.float32):
        wanted = np.searchsorted(np.sort(np.array(borders, np.float32)), value, side="left")
        assert count_below(own.borders, 0, value, own.of_nan[0]) == wanted


@pytest.mark.parametrize("count", [1, 2, 127, 128, 254, 255])
def test_every_count_of_borders(count: int) -> None:
    """The lowest value is above none, the highest above all of up to 255."""
    own = ruler([float(place) for place in range(count)])
    found = [count_below(own.borders, 0, np.float32(at - 0.5), own.of_nan[0]) for at in range(count + 1)]
    assert found == list(range(count + 1))
    assert count_below(own.borders, 0, np.float32(np.inf), own.of_nan[0]) == count


@pytest.mark.parametrize(("high", "wanted"), [(False, 0), (True, 3)])
def test_nan_is_below_or_above_all(high: bool, wanted: int) -> None:
    """As the model says of the feature."""
    own = ruler([1.0, 2.0, 3.0], nan_is_high=high)
    assert own.of_nan.tolist() == [wanted]
    assert count_below(own.borders, 0, np.float32(np.nan), own.of_nan[0]) == wanted


def test_a_table_is_filled_column_by_column() -> None:
    """Each column from its feature, beginning at the given place; more rows than a chunk."""
    draw = np.random.default_rng(0)
    values = draw.normal(size=(3, 2500)).astype(np.float32)
    borders = [[-1.0, 0.0, 1.0], [0.5], [-0.25, 0.25]]
    own, sources = ruler(*borders), np.array([2, 0, 2])
    table = np.full((2500, 6), 9, np.uint8)
    fill_table(values, sources, own.borders, own.of_nan, table, 2)
    assert (table[:, [0, 1, 5]] == 9).all()
    for column, (source, edges) in enumerate(zip(sources, borders, strict=True), 2):
        wanted = np.searchsorted(edges, values[source].astype(np.float64), side="left")
        np.testing.assert_array_equal(table[:, column], wanted)
    row: NDArray[np.uint8] = np.full(5, 9, np.uint8)
    fill_row(np.ascontiguousarray(values[:, 7]), sources, own.borders, own.of_nan, row)
    assert row.tolist() == [*table[7, 2:5].tolist(), 9, 9]
