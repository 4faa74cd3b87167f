"""Text as what all of its values are, for tables whose columns nobody declares. Every row is looked at."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from monitoring.tables.dialect import CsvDialect
from monitoring.tables.numbers import numbers, whole

if TYPE_CHECKING:
    import pyarrow as pa


def guessed(table: pa.Table, names: Collection[str], dialect: CsvDialect) -> pa.Table:
    """The table with each column that is not among `names` as int64, float64, bool or time, if it is one.

    Those among `names` are ids and names: they stay as they are written.

    >>> import pyarrow as pa
    >>> table = pa.table({"unit": ["007", "8"], "spent": ["1", "2.5"], "late": ["true", "false"]})
    >>> guessed(table, {"unit"}, CsvDialect()).to_pylist()[0]
    {'unit': '007', 'spent': 1.0, 'late': True}
    """
    for place, name in enumerate(table.column_names):
        if name not in names:
            table = table.set_column(place, name, column(table.column(place), dialect))
    return table


def column(text: pa.ChunkedArray, dialect: CsvDialect) -> pa.ChunkedArray:
    """One column of text, as `guessed`; text where its values are of no other kind, or all missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if text.null_count == len(text):
        return text
    integers = whole(text)
    if integers is not None:
        return integers
    values, wrong = numbers(text, dialect)
    if not wrong.any():
        there = pa.py_buffer(np.packbits(~np.isnan(values), bitorder="little"))  # pa.array imports pandas
        found = pa.Array.from_buffers(pa.float64(), len(values), [there, pa.py_buffer(values)])
        return pa.chunked_array([found])
    for kind in (pa.bool_(), pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return pc.cast(text, kind)
        except pa.ArrowInvalid:
            continue
    return text
