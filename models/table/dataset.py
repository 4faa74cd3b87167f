"""A declared table: read, checked, ordered in time and split for training, evaluation and replay."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.table import sources, split, table_checks
from models.table.columns import Floats, Reader, Rows, plain
from models.table.file_frame import FileFrame
from models.table.rows import Table, starts_of
from models.table.spool import Spool

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Floats", "Rows", "Spool", "Table", "read", "starts_of"]


def read(declaration: Declaration, home: Path | None = None) -> Table:
    """Read and check the table that a declaration names.

    Its split: with a data.test file, that file's rows are the test part; else, with data.time, the last
    test_share of the time is; with neither, a hash of a request's key decides, the same on every machine and
    run.

    Raises:
        DeclarationError, DataError: naming file, key, value and rule.

    >>> from models.declaration.declaration import read as read_declaration
    >>> _ = Path("shop.toml").write_text('''
    ... [ranker]
    ... name = "shop"
    ... [data]
    ... source = "shop.csv"
    ... item = "product"
    ... group = "hour"
    ... time = "hour"
    ... label = "stars"
    ... [features]
    ... numeric = ["price", "rain"]
    ... context = ["rain"]
    ... available_at = { "*" = "0h" }
    ... ''')
    >>> _ = Path("shop.csv").write_text('''product,hour,stars,price,rain
    ... cup,2026-01-01T01,1,2.5,0.1
    ... pot,2026-01-01T01,0,9.0,0.1
    ... cup,2026-01-01T02,2,2.0,0.7
    ... pan,2026-01-01T02,1,8.0,0.7
    ... ''')
    >>> table = read(read_declaration("shop.toml"))
    >>> table.items.tolist()
    ['cup', 'pot', 'cup', 'pan']
    >>> table.train.tolist()  # the last fifth of the time is for evaluation
    [True, True, False, False]
    >>> {name: column.tolist() for name, column in table.features(table.latest).items()}
    {'price': [9.0, 2.0, 8.0], 'rain': [0.1..., 0.69..., 0.69...]}
    """
    source = sources.load(declaration, home)
    resolved = declaration.resolve([str(name) for name in source.frame.columns])
    return _Building(resolved, source, home).table()


def spools(home: Path | None) -> Path:
    """The folder for what a large table needs on disk while it is in use."""
    return Path(tempfile.gettempdir()) if home is None else home / "data"


def _kept(spool: Spool | None, values: NDArray[Any]) -> NDArray[Any]:
    """An array of numbers in the spool, where there is one."""
    return values if spool is None or values.dtype == object else spool.keep(values)


def _taken(frame: pd.DataFrame | FileFrame, order: Rows) -> pd.DataFrame | FileFrame:
    return frame.taken(order) if isinstance(frame, FileFrame) else frame.iloc[order].reset_index(drop=True)


class _Building:
    """The steps from a source to a table, each on rows as they stand in the source until they are ordered."""

    def __init__(self, declaration: Declaration, source: sources.Source, home: Path | None) -> None:
        self.declaration, self.source, self.home = declaration, source, home
        self.reader = Reader(declaration, source.frame)
        self.count = len(source.frame)
        self.tested = np.arange(self.count) >= self.count - source.test_rows

    def table(self) -> Table:
        import pandas as pd

        data = self.declaration.data
        label = self.reader.label()
        time = None if data.time is None else self.reader.moment("data.time", data.time)
        known = None if data.label_time is None else self.reader.moment("data.label_time", data.label_time)
        weight = None if data.weight is None else self.reader.positive("data.weight", data.weight)
        table_checks.known_in_time(self.reader, time)
        request, names = self._requests()
        items = self._items(request, names)
        train, test = self._split(request, names, time)
        order = split.order(request, time)
        request, keys = split.renumbered(request[order], names)
        spool = None if isinstance(self.source.frame, pd.DataFrame) else Spool(spools(self.home))
        table = Table(
            declaration=self.declaration,
            frame=_taken(self.source.frame, order),
            items=_kept(spool, items[order]),
            request=_kept(spool, request),
            keys=_kept(spool, keys),
            time=None if time is None else _kept(spool, time[order]),
            label=_kept(spool, label[order]),
            label_time=None if known is None else _kept(spool, known[order]),
            train=train[order],
            test=test[order],
            digest=self.source.digest,
            weight=None if weight is None else _kept(spool, weight[order]),
            order=_kept(spool, order),
            spool=spool,
        )
        table_checks.check(table, self.reader)
        return table

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
        """Two masks: rows to train on, and rows to evaluate on."""
        data = self.declaration.data
        inside = split.inside(data, time, self.count)
        if data.test is not None:
            later = self.tested
        elif time is not None and inside.any():
            later = time >= split.boundary(data, time[inside])
            self._whole(request, names, inside & ~later, inside & later)
        else:
            later = split.hashed(names, data.test_share)[request]
        return inside & ~later, inside & later

    def _whole(
        self, request: Rows, names: NDArray[Any], train: NDArray[np.bool_], test: NDArray[np.bool_]
    ) -> None:
        torn = split.torn(request, train, test)
        if torn is not None:
            rule = "is in both parts of the split by time: a request is decided at one moment"
            raise self.reader.refusal("data.group", plain(names[torn]), rule)
