"""Times as unix seconds, in every unit that is declared; refused where they cannot be meant."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from models.declaration.time_unit import TimeUnit
from models.table.arrow_column import ColumnError
from models.table.moments import moments
from monitoring.tables.dialect import CsvDialect

NEW_YEAR = 1704067200.0  # 2024


def read(values: list[object], unit: TimeUnit | None = None, written: bool = False) -> list[float]:
    found, wrong, _ = moments(pa.chunked_array([values]), CsvDialect() if written else None, unit)
    assert not wrong.any()
    return found.tolist()


@pytest.mark.parametrize(
    ("unit", "value"),
    [("s", 1704067200), ("ms", 1704067200000), ("us", 1704067200000000), ("ns", 1704067200000000000),
     ("d", 19723), ("yyyymmdd", 20240101)],
)  # fmt: skip
@pytest.mark.parametrize("written", [False, True])
def test_a_declared_unit_is_counted(unit: TimeUnit, value: int, written: bool) -> None:
    assert read([str(value) if written else value], unit, written) == [NEW_YEAR]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1704067200000, 1704067200001], "1704067200000 to 1704067200001, which as unix seconds all lie"),
        ([1704067200000], "they look like ms; declare data.time_unit, one of s, ms, us, ns, d, yyyymmdd"),
        ([1704067200000000], "they look like us;"),
        ([19723, 15000], "has the numbers 15000 to 19723, which"),
        ([19723, 15000], "they look like d;"),
        ([20200101, 20211231], "they look like yyyymmdd;"),
        ([2001, 2011], "they look like years, which are no times;"),
        ([0, 3600], "after 2100; declare data.time_unit"),
    ],
)  # fmt: skip
def test_numbers_that_cannot_be_seconds_are_refused(values: list[object], sentence: str) -> None:
    with pytest.raises(ColumnError) as said:
        read(values)
    assert sentence in str(said.value)
    with pytest.raises(ColumnError):
        read([str(each) for each in values], written=True)


def test_seconds_are_plausible_or_declared() -> None:
    assert read([1704067200, 5]) == [NEW_YEAR, 5.0]
    assert read([0, 3600], "s") == [0.0, 3600.0]


@pytest.mark.parametrize(
    ("value", "unit"), [(10**15, "s"), (20240231, "yyyymmdd"), (-(10**6), "d"), (2**62, "ms"), (np.inf, "s")]
)
def test_what_no_calendar_has_is_marked_by_row(value: object, unit: TimeUnit) -> None:
    good = 20240101 if unit == "yyyymmdd" else 0
    _, wrong, rule = moments(pa.chunked_array([np.array([good, value])]), None, unit)
    assert wrong.tolist() == [False, True]
    assert rule.startswith("is no time of the years 1 to 9999")


def test_a_csvs_texts_are_iso_and_its_words_for_missing_are_missing() -> None:
    found = read(["2024-01-01", "NA", None, "2024-01-01T01:00:00+01:00"], written=True)
    np.testing.assert_array_equal(found, [NEW_YEAR, np.nan, np.nan, NEW_YEAR])
