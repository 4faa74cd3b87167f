"""One column of a declared table at a time: what it must be, and what it becomes. Errors name the row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError, listing
from models.features import FLOAT32_MAX, MISSING
from models.table import arrow_column, sources
from models.table.coded import CodedColumn, coded
from models.table.file_frame import FileFrame
from models.table.moments import moments
from monitoring.tables import guessed
from monitoring.tables.numbers import numbers, whole

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
NUL = "holds a NUL character, at which a name would be cut off"
GRADES = 31  # the largest for which 2^grade fits 32 bits, as LightGBM and XGBoost have it


class Reader:
    """Reads columns of one table for one declaration. Errors count rows from 1, as they stand in the source.

    `order` says which of the source's rows those of the frame are; None where they are as they stand there.
    """

    def __init__(
        self, declaration: Declaration, frame: pd.DataFrame | FileFrame, order: Rows | None = None
    ) -> None:
        self.declaration, self.frame, self._order = declaration, frame, order
        self.written = sources.kind_of(declaration) == "csv"  # every value is text, as it stands in the file

    def refusal(self, key: str, value: object, rule: str) -> DataError:
        """The error to raise, naming the table too."""
        return DataError(self.declaration.file, key, value, f"{rule} ({self.declaration.data.source})")

    def raw(self, key: str, name: str) -> pd.Series:
        """The column, which must exist."""
        if name not in self.frame.columns:
            raise self.refusal(key, name, f"is no column of the table: {listing(self.frame.columns)}")
        found = self.frame[name]
        if found.ndim > 1:
            raise self.refusal(key, name, "is the name of two columns of the table")
        return found

    def column(self, key: str, name: str) -> pa.ChunkedArray:
        """The column in Arrow, which must exist and hold values of one kind."""
        with self._naming(key, name):
            return arrow_column.arrow(self.raw(key, name))

    def number(self, key: str, name: str, limit: float = FLOAT32_MAX) -> NDArray[np.float64]:
        """float64, NaN where missing; text and what is not finite are refused."""
        column = self.column(key, name)
        if arrow_column.kind(column) == "text":
            values, wrong = numbers(column, self.declaration.data.csv.dialect)
            self._first(key, name, wrong, f"is not a number{self._other_words()}")
        else:
            with self._naming(key, name):
                values = arrow_column.floats(column)
        self._first(key, name, np.abs(values) > limit, "is not finite, or does not fit a 32-bit float")
        return values

    def positive(self, key: str, name: str) -> NDArray[np.float64]:
        """float64 above 0, none missing."""
        values = self.number(key, name)
        self._first(key, name, ~(values > 0), "is missing or not above 0")
        return values

    def text(self, key: str, name: str) -> NDArray[np.object_]:
        """Text, empty where missing; whole numbers without a point, so that 3.0 beside a missing one is 3."""
        import pyarrow.compute as pc

        if isinstance(self.frame, FileFrame):
            return self.coded(key, name).at()
        column = self.column(key, name)
        with self._naming(key, name):
            values = arrow_column.texts(column)
        if arrow_column.kind(column) == "text":
            cut = pc.fill_null(pc.match_substring(column, "\0"), False)
            self._first(key, name, cut.to_numpy(), NUL)
        return values

    def coded(self, key: str, name: str) -> CodedColumn:
        """As `text`, each different value once: for columns whose values are too many to be objects."""
        with self._naming(key, name):
            found = coded(self.column(key, name))
        cut = np.array(["\0" in word for word in found.words], dtype=bool)
        if cut.any():
            self._first(key, name, cut[found.codes], NUL)
        return found

    def moment(self, key: str, name: str, required: bool = True) -> NDArray[np.float64]:
        """Unix seconds, NaN where missing. Texts without a zone are UTC; numbers count data.time_unit."""
        column, own = self.column(key, name), self.declaration.data
        with self._naming(key, name):
            values, wrong, rule = moments(column, own.csv.dialect if self.written else None, own.time_unit)
        self._first(key, name, wrong, rule)
        if required:
            self._first(key, name, np.isnan(values), "is missing: every row needs its time")
        return values

    def ids(self, key: str, name: str) -> NDArray[Any]:
        """int64 for whole numbers that are all written in their one usual form, else text; none missing."""
        column = self.column(key, name)
        self._first(key, name, self._missing(column), "is missing: every row needs its id")
        if arrow_column.kind(column) == "text" and self.written:
            found = whole(column)
            return self.text(key, name) if found is None else np.asarray(found.to_numpy(), dtype=np.int64)
        if arrow_column.kind(column) != "whole":
            return self.text(key, name)
        if str(column.type) == "uint64":
            large = column.to_numpy() > np.uint64(np.iinfo(np.int64).max)
            self._first(key, name, large, "is above 2**63 - 1: give such ids as text")
        return np.asarray(column.to_numpy(), dtype=np.int64)

    @staticmethod
    def _missing(column: pa.ChunkedArray) -> NDArray[np.bool_]:
        import pyarrow.compute as pc

        found = pc.is_null(column, nan_is_null=True)
        if arrow_column.kind(column) == "text":
            found = pc.or_(found, pc.equal(pc.fill_null(column, MISSING), MISSING))
        return np.asarray(found.to_numpy(), dtype=bool)

    def label(self) -> NDArray[np.float64]:
        """Grades for ranking, 0 and 1 for two classes. None missing, and more than one value."""
        key, name = "data.label", self.declaration.data.label
        column = self._valued(key, name)
        self._first(key, name, column.isna().to_numpy(), "is missing: every row needs its label")
        if column.nunique() < 2:
            rule = f"has one value only, {column.iloc[0]}: there is nothing to learn"
            raise self.refusal(key, name, rule)
        if not self.declaration.ranks:
            return self._two_classes(column)
        values = self.number(key, name)
        self._first(key, name, values < 0, "is negative: a grade for ranking is 0 or more")
        if self.declaration.data.gain == "exponential":
            rule = f'is above {GRADES}, where a gain of 2^grade − 1 means nothing: say gain = "linear"'
            self._first(key, name, values > GRADES, rule)
        return values

    def _valued(self, key: str, name: str) -> pd.Series:
        """The column; where a csv has it, as what all of its values are."""
        column = self.column(key, name)
        if arrow_column.kind(column) != "text" or not self.written:
            kept = column
        else:
            values = guessed.column(column, self.declaration.data.csv.dialect)
            kept = column if arrow_column.kind(values) == "moment" else values
        found: pd.Series = kept.to_pandas()
        return found

    def _two_classes(self, column: pd.Series) -> NDArray[np.float64]:
        positive, found = self.declaration.data.positive, sorted(column.unique().tolist(), key=str)
        if len(found) != 2:
            rule = f"has {len(found)} values ({listing(found)}): {self.declaration.ranker.loss} needs two"
            raise self.refusal("data.label", self.declaration.data.label, rule)
        if positive is None:
            positive = 1 if set(found) == {0, 1} else None
        if positive not in found:
            raise self.refusal(
                "data.positive", positive, f"is not one of the label's values: {listing(found)}"
            )
        return np.where(column == positive, 1.0, 0.0)

    @contextmanager
    def _naming(self, key: str, name: str) -> Iterator[None]:
        try:
            yield
        except arrow_column.ColumnError as error:
            raise self.refusal(key, name, str(error)) from error

    def _other_words(self) -> str:
        if not self.written:
            return ""
        return " (if it stands for missing, or decimals have commas, say so in data.csv)"

    def _first(self, key: str, name: str, wrong: NDArray[np.bool_], rule: str) -> None:
        if wrong.any():
            found = np.flatnonzero(wrong)
            row = int(found[0] if self._order is None else found[np.argmin(self._order[found])])
            told = (row if self._order is None else int(self._order[row])) + 1
            raise self.refusal(key, cell(self.frame, name, row), f"in column {name!r}, row {told}, {rule}")


def cell(frame: pd.DataFrame | FileFrame, name: str, row: int) -> Any:
    """One value for a sentence, None where it is missing."""
    column = frame[name].iloc[[row]]
    return None if bool(column.isna().iloc[0]) else plain(column.iloc[0])


def plain(value: Any) -> Any:
    """A NumPy scalar as Python's own, so that a sentence shows 3 and not np.int64(3); else the value."""
    return value.item() if isinstance(value, np.generic) else value
