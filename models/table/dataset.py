"""A declared table: read, checked, ordered in time and split for training, evaluation and replay."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration import availability
from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError
from models.features import Columns, DeclaredColumns, assemble, load_cross
from models.table import sources, split
from models.table.columns import Reader

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Table:
    """n rows in time order, the rows of a request beside each other.

    `declaration` has its globs resolved. `request` numbers the requests from 0 in row order and `keys` names
    them; a table without groups has one request per row. `time` and `label_time` are unix seconds. `time` and
    `weight` (above 0) are None where none is declared. `train` and `test` are masks; a row may be in neither
    (outside from/until).
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


def read(declaration: Declaration, home: Path | None = None) -> Table:
    """Read and check the table that a declaration names.

    Without data.time, or with a data.test file, the split is not by time: rows of the test file are the test
    part; with neither, a request belongs to it by a hash of its key, the same on every machine and run.

    Raises:
        DeclarationError, DataError: naming file, key, value and rule.
    """
    source = sources.load(declaration, home)
    resolved = declaration.resolve([str(name) for name in source.frame.columns])
    return _Building(resolved, source).table()


class _Building:
    """The steps from a source to a table, each on rows as they stand in the source until they are ordered."""

    def __init__(self, declaration: Declaration, source: sources.Source) -> None:
        self.declaration, self.source = declaration, source
        self.reader = Reader(declaration, source.frame)
        self.count = len(source.frame)
        self.tested = np.arange(self.count) >= self.count - source.test_rows

    def table(self) -> Table:
        data = self.declaration.data
        label = self.reader.label()
        time = None if data.time is None else self.reader.moment("data.time", data.time)
        known = None if data.label_time is None else self.reader.moment("data.label_time", data.label_time)
        weight = None if data.weight is None else self.reader.positive("data.weight", data.weight)
        self._available(time)
        request, names = self._requests()
        items = self._items(request, names)
        train, test = self._split(request, names, time)
        order = split.order(request, time)
        request, keys = split.renumbered(request[order], names)
        table = Table(
            declaration=self.declaration,
            frame=self.source.frame.iloc[order].reset_index(drop=True),
            items=items[order],
            request=request,
            keys=keys,
            time=None if time is None else time[order],
            label=label[order],
            label_time=None if known is None else known[order],
            train=train[order],
            test=test[order],
            digest=self.source.digest,
            weight=None if weight is None else weight[order],
        )
        self._parts(table)
        self._unique(table)
        self._shared(table)
        return table

    def _available(self, time: Floats | None) -> None:
        """Refuse a feature that is known only after a row's decision, where a column says when it is."""
        entries = self.declaration.features.available_at
        columns = {}
        for name in (*self.declaration.numeric, *self.declaration.categorical):
            when = availability.entry(entries, name)
            if when is None or availability.offset_seconds(when) is not None or time is None:
                continue
            if when not in columns:
                columns[when] = ~(self.reader.moment("features.available_at", when, required=False) <= time)
            if columns[when].any():
                raise self._too_late(name, when, columns[when])

    def _too_late(self, name: str, when: str, late: NDArray[np.bool_]) -> DataError:
        row, own = int(np.argmax(late)), self.declaration.data.time
        known, decided = (self.source.frame[column].iloc[row] for column in (when, own))
        rule = (
            f"is available at {when!r}, which is after the decision in {int(late.sum())} rows: "
            f"in row {row + 1} it is known at {known} and the decision is made at {decided}"
        )
        return self.reader.refusal("features.available_at", name, rule)

    def _requests(self) -> tuple[Rows, NDArray[Any]]:
        """Each row's request, and the requests' names. A query id of a LETOR test file is another query's."""
        import pandas as pd

        group = self.declaration.data.group
        if group is None:
            return np.arange(self.count), np.arange(self.count)
        keys = self.reader.ids("data.group", group)
        if "qid" in self.source.frame.columns and self.source.test_rows and group == "qid":
            keys = np.array(
                [f"test-{key}" if test else key for key, test in zip(keys, self.tested, strict=True)]
            )
        codes, names = pd.factorize(keys)
        return codes.astype(np.int64), np.asarray(names)

    def _items(self, request: Rows, names: NDArray[Any]) -> NDArray[Any]:
        """The item column; without one, q12/3 for the third row of query 12, or row-17."""
        import pandas as pd

        data = self.declaration.data
        if data.item is not None:
            return self.reader.ids("data.item", data.item)
        if data.group is None:
            return np.array([f"row-{row + 1}" for row in range(self.count)], dtype=object)
        place = pd.Series(request).groupby(request).cumcount() + 1
        mark = "q" if data.group == "qid" else ""
        pairs = zip(names[request], place, strict=True)
        return np.array([f"{mark}{name}/{number}" for name, number in pairs], dtype=object)

    def _split(
        self, request: Rows, names: NDArray[Any], time: Floats | None
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        data = self.declaration.data
        inside = np.ones(self.count, dtype=bool)
        if time is not None and data.from_:
            inside &= time >= data.from_.timestamp()
        if time is not None and data.until:
            inside &= time < data.until.timestamp()
        if data.test is not None:
            return inside & ~self.tested, inside & self.tested
        if time is not None and inside.any():
            later = time >= self._boundary(time[inside])
            self._whole(request, names, later, inside)
        else:
            later = split.hashed(names, data.test_share)[request]
        return inside & ~later, inside & later

    def _boundary(self, time: Floats) -> float:
        """The moment that leaves the last test_share of the window's time to evaluation."""
        data = self.declaration.data
        first = data.from_.timestamp() if data.from_ else float(time.min())
        last = data.until.timestamp() if data.until else float(time.max())
        return last - data.test_share * (last - first)

    def _whole(
        self, request: Rows, names: NDArray[Any], later: NDArray[np.bool_], inside: NDArray[np.bool_]
    ) -> None:
        before, after = (
            np.bincount(request[inside & part], minlength=len(names)) for part in (~later, later)
        )
        both = (before > 0) & (after > 0)
        if both.any():
            rule = "is in both parts of the split by time: a request is decided at one moment"
            raise self.reader.refusal("data.group", _plain(names[np.argmax(both)]), rule)

    def _parts(self, table: Table) -> None:
        data = self.declaration.data
        for part, mask in (("training", table.train), ("test", table.test)):
            if not mask.any():
                rule = f"leaves no row in the {part} part"
                raise self.reader.refusal("data.test_share", data.test_share, rule)
            if len(np.unique(table.label[mask])) < 2:
                rule = f"has one value only in the {part} part: there is nothing to learn or to compare"
                raise self.reader.refusal("data.label", data.label, rule)
        shared = np.intersect1d(table.request[table.train], table.request[table.test])
        if len(shared):
            rule = "is in the training file and in the test file: a request belongs to one of them"
            raise self.reader.refusal("data.group", _plain(table.keys[shared[0]]), rule)

    def _unique(self, table: Table) -> None:
        import pandas as pd

        twice = pd.DataFrame({"request": table.request, "item": table.items}).duplicated().to_numpy()
        if twice.any():
            row = int(np.argmax(twice))
            rule = (
                f"is twice in request {_plain(table.keys[table.request[row]])!r}: a candidate is listed once"
            )
            raise self.reader.refusal("data.item", _plain(table.items[row]), rule)

    def _shared(self, table: Table) -> None:
        """Context arrives once with a request, so all its rows must carry the same."""
        first = table.starts[table.request]
        for name in table.declaration.context:
            column = table.values[name]
            same = column == column[first]
            if column.dtype.kind == "f":
                same |= np.isnan(column) & np.isnan(column[first])
            if not same.all():
                key = _plain(table.keys[table.request[np.argmin(same)]])
                rule = f"differs within request {key!r}: context arrives once with a request"
                raise self.reader.refusal("features.context", name, rule)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
