"""A column of times as unix seconds: times and dates, texts in ISO 8601, or numbers that count something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.declaration import time_unit
from models.declaration.time_unit import TimeUnit
from models.table.arrow_column import ColumnError, floats, kind, seconds
from monitoring.tables.dialect import CsvDialect
from monitoring.tables.numbers import numbers

if TYPE_CHECKING:
    import pyarrow as pa

SOME = 100  # values that are tried first
Floats = NDArray[np.float64]
Moments = tuple[Floats, NDArray[np.bool_], str]
"""Unix seconds (n), NaN where missing; which values are no time (n), and the rule that those break."""


def moments(column: pa.ChunkedArray, written: CsvDialect | None, unit: TimeUnit | None) -> Moments:
    """Read a column of times.

    Args:
        column: times, dates, numbers or text.
        written: how the csv is written that the column is of; None where the source has types.
        unit: what numbers count; None for unix seconds, where they may be that.

    Raises:
        ColumnError: numbers that cannot be unix seconds, with their range and what they look like.
    """
    if kind(column) == "moment":
        return seconds(column), np.zeros(len(column), dtype=bool), ""
    counted = _counted(column, written)
    return _iso(column, written) if counted is None else _since_1970(counted, unit)


def _counted(column: pa.ChunkedArray, written: CsvDialect | None) -> Floats | None:
    """The numbers of a column; None where it is text."""
    if kind(column) != "text":
        return floats(column)
    if written is None or column.null_count == len(column):
        return None
    first = column.drop_null()[:SOME]
    if numbers(first, written)[1].any():  # most columns of times are text throughout
        return None
    values, wrong = numbers(column, written)
    return None if wrong.any() else values


def _since_1970(counted: Floats, unit: TimeUnit | None) -> Moments:
    looks = None if unit else time_unit.likely(counted)
    if looks is not None:
        raise ColumnError(_implausible(counted, looks))
    values = time_unit.unix_seconds(counted, unit)
    first, last = time_unit.CALENDAR
    outside = ~np.isnan(values) & ~((values >= first) & (values < last))
    return values, outside, f"is no time of the years 1 to 9999, counted in {unit or 's since 1970'}"


def _implausible(counted: Floats, looks: str) -> str:
    like = {"": "", "years": ": they look like years, which are no times"}
    span = f"{np.nanmin(counted):.15g} to {np.nanmax(counted):.15g}"
    return (
        f"has the numbers {span}, which as unix seconds all lie before 1980 or after 2100"
        f"{like.get(looks, f': they look like {looks}')}; declare data.time_unit, one of {time_unit.units()}"
    )


def _iso(column: pa.ChunkedArray, written: CsvDialect | None) -> Moments:
    import pandas as pd

    texts = column.to_pandas().astype(object)
    missing = texts.isna()
    if written is not None:
        missing |= texts.isin(written.no_number)
    stamps = pd.to_datetime(texts.mask(missing, None), utc=True, errors="coerce", format="ISO8601")
    values = stamps.dt.as_unit("us").astype("int64").to_numpy(dtype=np.float64) / 1e6
    values[stamps.isna().to_numpy()] = np.nan
    return values, (stamps.isna() & ~missing).to_numpy(), "is not a time as in ISO 8601"
