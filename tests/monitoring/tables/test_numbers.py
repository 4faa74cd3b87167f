"""Text as numbers: what is one, what is missing, and what is neither."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.tables.dialect import CsvDialect
from monitoring.tables.numbers import number, numbers, whole


def column(*values: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, pa.string())])


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False))), st.sampled_from([".", ","]))
def test_what_is_written_of_a_number_is_read_as_it(values: list[float | None], decimal: str) -> None:
    texts = [None if each is None else repr(each).replace(".", decimal) for each in values]
    found, wrong = numbers(column(*texts), CsvDialect(decimal=decimal))
    np.testing.assert_array_equal(found, [math.nan if each is None else each for each in values])
    assert not wrong.any()


@pytest.mark.parametrize("text", ["dear", "1_000", "0x10", "1,5", "1.234.5", "٣", "1 2", "--1", "", "."])
def test_what_is_no_number_is_marked(text: str) -> None:
    found, wrong = numbers(column("1", text or "?", "NA", None), CsvDialect())
    assert wrong.tolist() == [False, True, False, False]
    assert np.isnan(found).tolist() == [False, True, True, True]


def test_words_for_missing_are_the_declared_ones() -> None:
    assert number("NA", CsvDialect(missing=("-9",))) is None
    assert math.isnan(number("-9", CsvDialect(missing=("-9",))) or 0)
    assert number("1.5", CsvDialect(decimal=",")) is None


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_of_64_bits_are_kept_exactly(values: list[int]) -> None:
    found = whole(column(*map(str, values)))
    assert found is not None
    assert found.to_pylist() == values


@pytest.mark.parametrize("text", ["007", "+7", "7.0", "-0", "1e3", " 7", "9223372036854775808", "x", ""])
def test_one_that_is_written_otherwise_leaves_all_of_them_text(text: str) -> None:
    assert whole(column("7", text)) is None


def test_nothing_is_no_number() -> None:
    assert whole(column(None, None)) is None
