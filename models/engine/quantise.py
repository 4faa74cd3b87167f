# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)
"""Values → columns: how many of a column's borders are less than a value.."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.engine.trees import BORDERS, SplitColumn

_U = np.uint64
Numbers = NDArray[np.float32]
Table = NDArray[np.uint8]
_CHUNK = 1024  # rows of the table that stay in the cache while all columns are written


class Ruler:
    """K numeric columns as arrays: borders float32 (K, 256), sizes u8 (K), and what NaN counts as, u8 (K)."""

    def __init__(self, columns: Sequence[SplitColumn]) -> None:
        self.borders = np.full((len(columns), BORDERS + 1), np.inf, np.float32)
        self.of_nan = np.zeros(len(columns), np.uint8)
        for place, column in enumerate(columns):
            self.borders[place, : column.borders.size] = column.borders
            self.of_nan[place] = column.borders.size if column.nan_is_high else 0


@compiled
def count_below(borders: Numbers, column: int, value: np.float32, of_nan: np.uint8) -> np.uint8:
    """How many borders of a column are less than `value`: a search of eight steps without a branch."""
    if value != value:  # noqa: PLR0124  (NaN)
        return of_nan
    below = np.uint64(0)
    for step in (_U(128), _U(64), _U(32), _U(16), _U(8), _U(4), _U(2), _U(1)):
        below += step * _U(borders[column, below + step - _U(1)] < value)  # no branch
    return np.uint8(below)


@compiled
def fill_table(
    values: Numbers, sources: NDArray[np.int64], borders: Numbers, of_nan: Table, table: Table, begin: int
) -> None:
    """Fill columns begin … begin + K of table (N, W): column k from feature sources[k] of values (F, N)."""
    count = values.shape[1]
    for first in range(0, count, _CHUNK):
        last = min(count, first + _CHUNK)
        for column in range(sources.size):
            source = sources[column]
            for row in range(first, last):
                table[row, begin + column] = count_below(borders, column, values[source, row], of_nan[column])


@compiled
def fill_row(
    values: Numbers, sources: NDArray[np.int64], borders: Numbers, of_nan: Table, row: Table
) -> None:
    """Fill the first K columns of one row from values (F)."""
    for column in range(sources.size):
        row[column] = count_below(borders, column, values[sources[column]], of_nan[column])
