"""The table as a value: its rows in time order, their requests, and what the model sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.features import MISSING, Columns, DeclaredColumns, assemble, load_cross
from models.table.coded import CodedColumn, Values
from models.table.columns import Floats, Reader, Rows
from models.table.file_frame import FileFrame
from models.table.spool import Spool

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 500_000  # rows that are made features at once where a table lies in a spool


@dataclass(frozen=True, eq=False)
class Table:
    """n rows in time order, the rows of a request beside each other.

    `frame` are the source's columns; those of a csv are text, as it is written. `declaration` has its globs
    resolved. `request` numbers the requests from 0 in row order and `keys` names them; a table without groups
    has one request per row. `time` and `label_time` are unix seconds. `time` and `weight` (above 0) are None
    where none is declared. `train` and `test` are masks; a row may be in neither (outside from/until).
    `order` says which of the source's rows they are. `spool` is where the columns of a table lie that
    outgrows memory; None for the others.
    """

    declaration: Declaration
    frame: pd.DataFrame | FileFrame
    items: NDArray[Any]
    request: Rows
    keys: NDArray[Any]
    time: Floats | None
    label: Floats
    label_time: Floats | None
    train: NDArray[np.bool_]
    test: NDArray[np.bool_]
    digest: str
    weight: Floats | None = None
    order: Rows | None = None
    spool: Spool | None = None

    @cached_property
    def values(self) -> Values:
        """Declared item and context features by row: float32 (NaN = missing), text (empty = missing)."""
        reader, own, spool = self._reader(), self.declaration, self.spool
        if spool is not None:
            return self._spooled(reader, spool)
        found: Columns = {
            name: reader.number("features.numeric", name).astype(np.float32) for name in own.numeric
        }
        found.update({name: reader.text("features.categorical", name) for name in own.categorical})
        return Values(found)

    def _reader(self) -> Reader:
        return Reader(self.declaration, self.frame, self.order)

    def _spooled(self, reader: Reader, spool: Spool) -> Values:
        found: dict[str, NDArray[Any] | CodedColumn] = {}
        for name in self.declaration.numeric:
            found[name] = spool.keep(reader.number("features.numeric", name).astype(np.float32))
        for name in self.declaration.categorical:
            found[name] = reader.coded("features.categorical", name).kept(spool)
        return Values(found, spool.let_go)

    def blocks(self, rows: Rows) -> list[Rows]:
        """Some rows as one block, or as many as fit in memory one after the other where a spool is needed."""
        step = max(1, len(rows)) if self.spool is None else BLOCK
        return [rows[low : low + step] for low in range(0, max(1, len(rows)), step)]

    def slice_of(self, name: str) -> NDArray[np.object_]:
        """A column as names to break figures down by: text (n), "nan" where it is missing."""
        if name in self.values:
            column = self.values[name]
            if self.spool is None:
                return np.asarray(column.astype(str).astype(object))
            return column if column.dtype == object else _printed(column)
        found = self._reader().text("data.slices", name)
        return np.where(found == MISSING, "nan", found)

    @cached_property
    def latest(self) -> Rows:
        """The last row of each item: what the catalogue keeps where an item recurs."""
        import pandas as pd

        last = ~pd.Series(self.items).duplicated(keep="last").to_numpy()
        return np.flatnonzero(last)

    @cached_property
    def latest_of(self) -> Rows:
        """int64 (n): for each row, the latest row of its item."""
        import pandas as pd

        index = pd.Index(self.items[self.latest])
        found = np.asarray(self.latest[index.get_indexer(self.items)])
        return found if self.spool is None else self.spool.keep(found)

    @cached_property
    def starts(self) -> Rows:
        """int64 (requests + 1): the rows of request r are starts[r]:starts[r + 1]."""
        return np.searchsorted(self.request, np.arange(len(self.keys) + 1)).astype(np.int64)

    def requests_in(self, rows: Rows | NDArray[np.bool_]) -> Rows:
        """The different requests that some rows are of, in their order."""
        return np.flatnonzero(self._met(self.request[rows]))

    def rows_of(self, rows: Rows, requests: Rows) -> Rows:
        """Those of some rows that are of these requests."""
        return rows[self._met(requests)[self.request[rows]]]

    def _met(self, requests: Rows) -> NDArray[np.bool_]:
        met = np.zeros(len(self.keys), dtype=bool)
        met[requests] = True
        return met

    def features(self, rows: Rows) -> Columns:
        """What the model sees of these rows, through the function that serves too."""
        spec = self.declaration.spec
        inputs = DeclaredColumns(
            item_numeric=self._stacked(spec.item_numeric, rows),
            item_categorical=[self.values.at(name, rows) for name in spec.item_categorical],
            context_numeric=self._stacked(spec.context_numeric, rows),
            context_categorical=[self.values.at(name, rows) for name in spec.context_categorical],
        )
        return assemble(spec, inputs, load_cross(self.declaration.features.cross))

    def feature(self, name: str, rows: Rows) -> NDArray[Any]:
        """One column of `features`, of as many rows as there may be."""
        if name in self.values:
            return self.values.at(name, rows)
        return np.concatenate([self.features(part)[name] for part in self.blocks(rows)])

    def _stacked(self, names: tuple[str, ...], rows: Rows) -> NDArray[np.float32]:
        stacked = np.empty((len(names), len(rows)), dtype=np.float32)
        for place, name in enumerate(names):
            stacked[place] = self.values.at(name, rows)
        return stacked


def starts_of(request: Rows) -> Rows:
    """int64 (requests + 1): where each request's rows start, for rows in the table's order, and the end."""
    change = np.concatenate([[True], request[1:] != request[:-1], [True]])
    return np.flatnonzero(change).astype(np.int64)


def _printed(column: NDArray[Any]) -> NDArray[np.object_]:
    """Numbers as names, each different one printed once."""
    import pandas as pd

    place, words = pd.factorize(column, use_na_sentinel=False)
    return np.asarray(words.astype(str).astype(object)[place])
