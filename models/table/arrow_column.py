"""A column as Arrow has it, each value as it is: nothing on the way turns a number into another one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.features import MISSING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

EXACT = 2.0**53
"""From here on a float64 no longer tells neighbouring whole numbers apart."""


class ColumnError(ValueError):
    """A column of a kind that cannot be used so; a sentence that goes on from its name."""


def arrow(column: pd.Series) -> pa.ChunkedArray:
    """A pandas column in Arrow; categories and binary text as text. ColumnError: mixed values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        made = pa.array(column, from_pandas=True)
    except (pa.ArrowException, UnicodeError, OverflowError) as error:
        first, *_ = str(error).splitlines() or [repr(error)]
        raise ColumnError(f"holds values that are not of one kind: {first}") from error
    found = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    if pa.types.is_dictionary(found.type):
        found = pc.cast(found, found.type.value_type)
    if pa.types.is_string_view(found.type):  # few functions of Arrow take views
        found = pc.cast(found, pa.large_string())
    if pa.types.is_binary_view(found.type):
        found = pc.cast(found, pa.large_binary())
    if pa.types.is_binary(found.type) or pa.types.is_large_binary(found.type):
        try:
            return pc.cast(found, pa.string())
        except pa.ArrowInvalid as error:
            raise ColumnError("holds bytes that are no text") from error
    return found


def kind(column: pa.ChunkedArray) -> str:
    """One of text, whole, number, truth, moment (a time or date), null; else Arrow's name: list<…>."""
    from pyarrow import types

    kinds = {
        "text": (types.is_string, types.is_large_string, types.is_string_view),
        "whole": (types.is_integer,),
        "number": (types.is_floating, types.is_decimal),
        "truth": (types.is_boolean,),
        "moment": (types.is_timestamp, types.is_date),
        "null": (types.is_null,),
    }
    fits = (name for name, tests in kinds.items() if any(test(column.type) for test in tests))
    return next(fits, str(column.type))


def texts(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """Text (n), empty where missing; numbers in their usual form, whole ones without a point (3.0 is 3).

    ColumnError: a list, a length of time or another kind that has no one text; floats from 2**53 on.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = kind(column)
    if found == "number" and not pa.types.is_decimal(column.type):
        return _floats(column)
    if found in ("truth", "moment"):
        return _printed(column)
    if found not in ("text", "whole", "number", "null"):
        raise ColumnError(f"is of kind {found}: names are text or whole numbers")
    return _object(pc.fill_null(pc.cast(column, pa.large_string()), MISSING))


def _object(column: Any) -> NDArray[np.object_]:
    found: NDArray[np.object_] = column.to_numpy(zero_copy_only=False).astype(object)
    return found


def _floats(column: pa.ChunkedArray) -> NDArray[np.object_]:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = column.drop_null().to_numpy()
    values = values[~np.isnan(values)]
    if not (np.isfinite(values) & (np.floor(values) == values)).all():
        return _printed(column)
    if (np.abs(values) >= EXACT).any():
        raise ColumnError(
            "holds whole numbers as floats from 2**53 on, which no longer differ from their neighbours: "
            "write them as text or as 64-bit integers"
        )
    return texts(pc.cast(pc.if_else(pc.is_nan(column), None, column), pa.int64()))


def _printed(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """As pandas prints them: True, 2024-01-01, 3.5."""
    series = column.to_pandas()
    found: NDArray[np.object_] = series.astype(str).to_numpy(dtype=object).copy()
    found[series.isna().to_numpy()] = MISSING
    return found


def floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """float64 (n), NaN where missing, of whole numbers, numbers, truths. ColumnError: of any other kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = kind(column)
    if found not in ("whole", "number", "truth", "null"):
        raise ColumnError(f"is of kind {column.type}, which is no number: give what counts of it as one")
    if found == "truth":
        column = pc.cast(column, pa.int8())
    converted = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(converted.to_numpy(zero_copy_only=False), dtype=np.float64)


def seconds(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Unix seconds (n) of times or dates, NaN where missing; without a zone they are UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    micros = pc.cast(column, pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
    whole = pc.cast(pc.cast(micros, pa.int64()), pa.float64(), safe=False)
    return np.asarray(whole.to_numpy(zero_copy_only=False), dtype=np.float64) / 1e6
