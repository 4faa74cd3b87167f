"""Values as text and numbers: each exactly, or refused by its kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.table.arrow_column import ColumnError, arrow, floats, kind, seconds, texts


def typed(values: list[object], of: pa.DataType) -> pd.Series:
    return pd.Series(pd.array(values, dtype=pd.ArrowDtype(of)))


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_whole_numbers_are_exact_as_text_beside_missing_ones(values: list[int | None]) -> None:
    found = texts(arrow(typed(list(values), pa.int64())))
    assert found.tolist() == ["" if each is None else str(each) for each in values]


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (pd.Series([2**63 + 1, 2**64 - 1], dtype="uint64"), ["9223372036854775809", "18446744073709551615"]),
        (pd.Series([3, None], dtype="Int64"), ["3", ""]),
        (pd.Series([3.0, None]), ["3", ""]),
        (pd.Series([3.5, float("inf")]), ["3.5", "inf"]),
        (pd.Series([0.1], dtype="float32"), ["0.1"]),
        (pd.Series(["a", "b"], dtype="category"), ["a", "b"]),
        (pd.Series([b"x", None]), ["x", ""]),
        (pd.Series([True, None], dtype=object), ["True", ""]),
        (pd.Series(pd.to_datetime(["2024-01-01 05:00:00", None])), ["2024-01-01 05:00:00", ""]),
        (pd.Series([None, None]), ["", ""]),
    ],
    ids=str,
)
def test_text_of_every_kind_that_has_one(column: pd.Series, wanted: list[str]) -> None:
    assert texts(arrow(column)).tolist() == wanted


@pytest.mark.parametrize(
    "column",
    [
        typed([[1, 2]], pa.list_(pa.int64())),
        typed([{"a": 1}], pa.struct({"a": pa.int64()})),
        pd.Series(pd.to_timedelta([1], unit="h")),
        typed([b"\xff"], pa.binary()),
        pd.Series([1e17]),
        pd.Series([1, "a"], dtype=object),
        pd.Series(["\ud800"], dtype=object),
    ],
    ids=lambda column: str(column.dtype),
)
def test_what_has_no_one_text_is_refused(column: pd.Series) -> None:
    with pytest.raises(ColumnError):
        texts(arrow(column))


@pytest.mark.parametrize(
    "of", [pa.timestamp("ms"), pa.duration("s"), pa.time64("us"), pa.list_(pa.int8())], ids=str
)
def test_times_and_lists_are_no_numbers(of: pa.DataType) -> None:
    column = arrow(typed([None], of))
    with pytest.raises(ColumnError, match=r"is of kind .*, which is no number"):
        floats(column)


def test_numbers_are_floats_with_nan_where_missing() -> None:
    for column in (pd.Series([True, None], dtype=object), typed([1, None], pa.uint64())):
        np.testing.assert_array_equal(floats(arrow(column)), [1.0, np.nan])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_seconds_do_not_depend_on_the_files_unit_or_zone(unit: str) -> None:
    stamp = pd.Timestamp("2024-01-01 01:00", tz="Europe/Zurich")
    for of, value in ((pa.timestamp(unit, "UTC"), stamp), (pa.timestamp(unit), pd.Timestamp("2024-01-01"))):
        column = arrow(typed([value, None], of))
        assert kind(column) == "moment"
        np.testing.assert_array_equal(seconds(column), [1704067200.0, np.nan])


@pytest.mark.parametrize("kind_of", [pa.string_view(), pa.binary_view(), pa.large_binary()])
def test_views_and_bytes_are_text(kind_of: pa.DataType) -> None:
    """As Polars writes them."""
    values = pa.array(["b", None, "\u00e4"]).cast(pa.binary() if "binary" in str(kind_of) else pa.string())
    column = pd.Series(pd.arrays.ArrowExtensionArray(values.cast(kind_of)))
    found = arrow(column)
    assert kind(found) == "text"
    assert texts(found).tolist() == ["b", "", "\u00e4"]
    assert pc.match_substring(found, "b").to_pylist() == [True, None, False]
