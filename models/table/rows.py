"""The table as a value: its rows in time order, their requests, and what the model sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.features import MISSING, Columns, DeclaredColumns, assemble, load_cross
from models.table.columns import Floats, Reader, Rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Table:
    """n rows in time order, the rows of a request beside each other.

    `frame` are the source's columns; those of a csv are text, as it is written. `declaration` has its globs
    resolved. `request` numbers the requests from 0 in row order and `keys` names them; a table without groups
    has one request per row. `time` and `label_time` are unix seconds. `time` and `weight` (above 0) are None
    where none is declared. `train` and `test` are masks; a row may be in neither (outside from/until).
    """

    declaration: Declaration
    frame: pd.DataFrame
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

    @cached_property
    def values(self) -> Columns:
        """Declared item and context features by row: float32 (NaN = missing), text (empty = missing)."""
        reader = Reader(self.declaration, self.frame)
        own = self.declaration
        found: Columns = {
            name: reader.number("features.numeric", name).astype(np.float32) for name in own.numeric
        }
        found.update({name: reader.text("features.categorical", name) for name in own.categorical})
        return found

    def slice_of(self, name: str) -> NDArray[np.object_]:
        """A column as names to break figures down by: text (n), "nan" where it is missing."""
        if name in self.values:
            return np.asarray(self.values[name].astype(str).astype(object))
        found = Reader(self.declaration, self.frame).text("data.slices", name)
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
        return np.asarray(self.latest[index.get_indexer(self.items)])

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
            item_categorical=[self.values[name][rows] for name in spec.item_categorical],
            context_numeric=self._stacked(spec.context_numeric, rows),
            context_categorical=[self.values[name][rows] for name in spec.context_categorical],
        )
        return assemble(spec, inputs, load_cross(self.declaration.features.cross))

    def _stacked(self, names: tuple[str, ...], rows: Rows) -> NDArray[np.float32]:
        stacked = np.empty((len(names), len(rows)), dtype=np.float32)
        for place, name in enumerate(names):
            stacked[place] = self.values[name][rows]
        return stacked


def starts_of(request: Rows) -> Rows:
    """int64 (requests + 1): where each request's rows start, for rows in the table's order, and the end."""
    change = np.concatenate([[True], request[1:] != request[:-1], [True]])
    return np.flatnonzero(change).astype(np.int64)
