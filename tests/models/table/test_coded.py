"""Names by number are the names that text has, and numbers and times print as they do one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from models.table.arrow_column import ColumnError, texts
from models.table.coded import Values, coded


@pytest.mark.parametrize(
    "column",
    [
        pa.chunked_array([["b", None, "a"], ["c", "a"]]),
        pa.chunked_array([[1.0, 3.0, None], [float("nan")]]),
        pa.chunked_array([[1.5, 3.0, None]]),
        pa.chunked_array([[7, None]], pa.int8()),
        pa.chunked_array([[True, None, False]]),
        pa.chunked_array([[86_400, 5, None]], pa.timestamp("s")),
        pa.chunked_array([[None, None]], pa.string()),
    ],
)
def test_names_are_those_of_text(column: pa.ChunkedArray) -> None:
    found = coded(column)
    np.testing.assert_array_equal(found.at(), texts(column))
    assert len(set(found.words)) == len(found.words)


def test_a_kind_that_has_no_names_is_refused() -> None:
    with pytest.raises(ColumnError, match="names are text or whole numbers"):
        coded(pa.chunked_array([[b"x"]], pa.binary(1)))


def test_columns_are_given_by_row_and_let_go_before_each() -> None:
    calls: list[int] = []
    names: Any = np.array(["a", "b", "a"], dtype=object)
    values = Values({"x": np.arange(3.0), "name": names}, lambda: calls.append(1))
    assert values.at("x", np.array([2])).tolist() == [2.0]
    assert values["name"].tolist() == ["a", "b", "a"]
    assert values.coded("name").codes.tolist() == [0, 1, 0]
    assert len(calls) == 2
    assert list(values) == ["x", "name"]
