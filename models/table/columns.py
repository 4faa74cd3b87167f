"""One column of a declared table at a time: what it must be, and what it becomes. Errors name the row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError, listing
from models.features import FLOAT32_MAX, MISSING

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Reader:
    """Reads columns of one table for one declaration. Rows are counted from 1, as in the source."""

    def __init__(self, declaration: Declaration, frame: pd.DataFrame) -> None:
        self.declaration, self.frame = declaration, frame

    def refusal(self, key: str, value: object, rule: str) -> DataError:
        """The error to raise, naming the table too."""
        return DataError(self.declaration.file, key, value, f"{rule} ({self.declaration.data.source})")

    def raw(self, key: str, name: str) -> pd.Series:
        """The column, which must exist."""
        if name not in self.frame.columns:
            raise self.refusal(key, name, f"is no column of the table: {listing(self.frame.columns)}")
        return self.frame[name]

    def number(self, key: str, name: str, limit: float = FLOAT32_MAX) -> NDArray[np.float64]:
        """float64, NaN where missing; text and what is not finite are refused."""
        import pandas as pd

        column = self.raw(key, name)
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        self._first(key, name, np.isnan(values) & column.notna().to_numpy(), "is not a number")
        self._first(key, name, np.abs(values) > limit, "is not finite, or does not fit a 32-bit float")
        return values

    def positive(self, key: str, name: str) -> NDArray[np.float64]:
        """float64 above 0, none missing."""
        values = self.number(key, name)
        self._first(key, name, ~(values > 0), "is missing or not above 0")
        return values

    def text(self, key: str, name: str) -> NDArray[np.object_]:
        """Text, empty where missing; whole numbers without a point, so that 3.0 beside a missing one is 3."""
        column = self.raw(key, name)
        missing = column.isna().to_numpy()
        if column.dtype.kind == "f" and bool((column.dropna() % 1 == 0).all()):
            column = column.astype("Int64")
        values = column.astype(str).to_numpy(dtype=object)
        values[missing] = MISSING
        return values

    def moment(self, key: str, name: str, required: bool = True) -> NDArray[np.float64]:
        """Unix seconds; numbers are that already, times without a zone are UTC. NaN where missing."""
        import pandas as pd

        column = self.raw(key, name)
        if column.dtype.kind in "iuf":
            values = column.to_numpy(dtype=np.float64)
        else:
            stamps = pd.to_datetime(column, utc=True, errors="coerce", format="ISO8601")
            wrong = (stamps.isna() & column.notna()).to_numpy()
            self._first(key, name, wrong, "is not a time as in ISO 8601")
            values = stamps.dt.as_unit("us").astype("int64").to_numpy(dtype=np.float64) / 1e6
            values[stamps.isna().to_numpy()] = np.nan
        if required:
            self._first(key, name, ~np.isfinite(values), "is missing: every row needs its time")
        return values

    def ids(self, key: str, name: str) -> NDArray[Any]:
        """int64 for a column of whole numbers, else text; none missing."""
        column = self.raw(key, name)
        self._first(key, name, column.isna().to_numpy(), "is missing: every row needs its id")
        if column.dtype.kind in "iu":
            return column.to_numpy(dtype=np.int64)
        return self.text(key, name)

    def label(self) -> NDArray[np.float64]:
        """Grades for ranking, 0 and 1 for two classes. None missing, and more than one value."""
        key, name = "data.label", self.declaration.data.label
        column = self.raw(key, name)
        self._first(key, name, column.isna().to_numpy(), "is missing: every row needs its label")
        if column.nunique() < 2:
            rule = f"has one value only, {column.iloc[0]}: there is nothing to learn"
            raise self.refusal(key, name, rule)
        if not self.declaration.ranks:
            return self._two_classes(column)
        values = self.number(key, name)
        self._first(key, name, values < 0, "is negative: a grade for ranking is 0 or more")
        return values

    def _two_classes(self, column: pd.Series) -> NDArray[np.float64]:
        positive, found = self.declaration.data.positive, sorted(column.unique().tolist(), key=str)
        if len(found) != 2:
            rule = f"has {len(found)} values ({listing(found)}): {self.declaration.ranker.loss} needs two"
            raise self.refusal("data.label", column.name, rule)
        if positive is None:
            positive = 1 if set(found) == {0, 1} else None
        if positive not in found:
            raise self.refusal(
                "data.positive", positive, f"is not one of the label's values: {listing(found)}"
            )
        return np.where(column == positive, 1.0, 0.0)

    def _first(self, key: str, name: str, wrong: NDArray[np.bool_], rule: str) -> None:
        if wrong.any():
            row = int(np.argmax(wrong))
            value = plain(self.frame[name].iloc[row])
            raise self.refusal(key, value, f"in column {name!r}, row {row + 1}, {rule}")


def plain(value: Any) -> Any:
    """A NumPy scalar as Python's own, so that a sentence shows 3 and not np.int64(3); else the value."""
    return value.item() if isinstance(value, np.generic) else value
