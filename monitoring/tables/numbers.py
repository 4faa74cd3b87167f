"""Text as numbers: exactly those that are written, and which values are none."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from monitoring.tables.dialect import CsvDialect

if TYPE_CHECKING:
    import pyarrow as pa

WHOLE = r"^(0|-?[1-9][0-9]*)$"
"""A whole number as everybody writes it: no zeros before it, no sign +, no point."""
_NUMBER = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*(e[+-]?[0-9]+)?|\.[0-9]+(e[+-]?[0-9]+)?|inf|infinity|nan)", re.IGNORECASE
)


def numbers(column: pa.ChunkedArray, dialect: CsvDialect) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Text (n) as float64 (n), NaN where it is missing, and a mask (n) of what is neither.

    >>> import pyarrow as pa
    >>> values, wrong = numbers(pa.chunked_array([["1,5", None, "NA", "1.5"]]), CsvDialect(decimal=","))
    >>> values.tolist(), wrong.tolist()
    ([1.5, nan, nan, nan], [False, False, False, True])
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if dialect.decimal == ".":
        try:  # most columns are numbers and empty cells
            return _filled(pc.cast(column, pa.float64()), math.nan), np.zeros(len(column), dtype=bool)
        except pa.ArrowInvalid:
            pass
    words = pc.unique(column).drop_null()
    place = _filled(pc.index_in(column, value_set=words), len(words))
    parsed = [number(word, dialect) for word in words.to_pylist()]
    values = np.array([math.nan if each is None else each for each in parsed] + [math.nan])
    return values[place], np.array([each is None for each in parsed] + [False])[place]


def _filled(column: pa.ChunkedArray, missing: float) -> NDArray[Any]:
    """Numbers (n) as an array (n) with `missing` for nulls. Arrow's own `to_numpy` imports pandas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    there = np.from_dlpack(pc.cast(pc.is_valid(column), pa.uint8()).combine_chunks()).astype(bool)
    present = np.from_dlpack(column.drop_null().combine_chunks())
    filled = np.full(len(column), missing, dtype=present.dtype)
    filled[there] = present
    return filled


def number(word: str, dialect: CsvDialect) -> float | None:
    """The number that is written; NaN for a word that means missing, None for anything else.

    >>> [number(word, CsvDialect()) for word in ("1e3", " 2 ", "1_000", "NA", "dear")]
    [1000.0, 2.0, None, nan, None]
    """
    word = word.strip()
    if word in dialect.no_number:
        return math.nan
    if dialect.decimal != ".":
        word = "?" if "." in word else word.replace(dialect.decimal, ".")
    return float(word) if _NUMBER.fullmatch(word) else None


def whole(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Text as int64 where every value that is there is a whole number in its one usual form, else None.

    >>> import pyarrow as pa
    >>> whole(pa.chunked_array([["7", "-12"]])).to_pylist(), whole(pa.chunked_array([["7", "007"]]))
    ([7, -12], None)
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if column.null_count == len(column) or not pc.all(pc.match_substring_regex(column, WHOLE)).as_py():
        return None
    try:
        return pc.cast(column, pa.int64())
    except pa.ArrowInvalid:  # beyond 64 bits
        return None
