"""The real requests of a declared table, in time order, for `ballast request` and `ballast replay`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.declaration.refusal import DataError
from models.table import dataset
from models.table.columns import plain
from models.table.dataset import Table

# 2001-01-01 UTC: a table without times is replayed one request a second from here, outcomes a second later.
UNTIMED = 978_307_200.0
TOGETHER = 20  # rows: a table without groups is asked about so many at a time


@dataclass(frozen=True, eq=False)
class TableRequest:
    """One real request and what came of it. Times are unix seconds; labels are aligned with items."""

    key: str | int
    time: float
    items: list[str] | list[int]
    context: dict[str, float | str | None]
    labels: NDArray[np.float64]
    label_times: NDArray[np.float64]


def real_requests(
    declaration: Declaration, home: Path | None, since: float | None = None, until: float | None = None
) -> Iterator[TableRequest]:
    """Requests decided at `since` or later and before `until` (unix seconds), the earliest first.

    Raises:
        DeclarationError, DataError: as `dataset.read`, before the first request is given.

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
    >>> [request] = real_requests(read_declaration("shop.toml"), None, since=1767232800)
    >>> request.items, request.context, request.labels.tolist()
    (['cup', 'pan'], {'rain': 0.7}, [2.0, 1.0])
    """
    table = dataset.read(declaration, home)
    starts, times = _requests(table)
    first = 0 if since is None else int(np.searchsorted(times, since, side="left"))
    last = len(times) if until is None else int(np.searchsorted(times, until, side="left"))
    return _between(table, starts, times, range(first, last))


def one_request(declaration: Declaration, home: Path | None, at: float | None = None) -> TableRequest:
    """The first request decided at `at` (unix seconds) or later; without it the last one of the table.

    Raises:
        DataError: the table ends before `at`.
    """
    table = dataset.read(declaration, home)
    starts, times = _requests(table)
    place = len(times) - 1 if at is None else int(np.searchsorted(times, at, side="left"))
    found = next(_between(table, starts, times, range(place, min(place + 1, len(times)))), None)
    if found is None:
        rule = f"is later than the last request of {declaration.data.source}"
        raise DataError(declaration.file, "at", at, rule)
    return found


def _requests(table: Table) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where each request's rows start, and when it is decided."""
    starts = table.starts
    if table.declaration.data.group is None and not table.declaration.context:
        starts = np.append(np.arange(0, len(table.items), TOGETHER), len(table.items)).astype(np.int64)
    if table.time is None:
        return starts, UNTIMED + np.arange(len(starts) - 1, dtype=np.float64)
    # Asked about together, rows are asked about when the last of them is known.
    last = np.maximum.reduceat(table.time, starts[:-1])
    return starts, np.maximum.accumulate(last) if table.declaration.data.group is None else last


def _between(
    table: Table, starts: NDArray[np.int64], times: NDArray[np.float64], wanted: range
) -> Iterator[TableRequest]:
    if not wanted:
        return
    contexts = _contexts(table, starts[wanted.start : wanted.stop])
    bounds = pairwise(starts[wanted.start : wanted.stop + 1].tolist())
    for place, (low, high), context in zip(wanted, bounds, contexts, strict=True):
        items, rows = _distinct(table.items[low:high].tolist(), low)
        known = (
            table.label_time[rows] if table.label_time is not None else np.full(len(rows), times[place] + 1)
        )
        key = table.keys[table.request[low]]
        yield TableRequest(
            key=plain(key),
            time=float(times[place]),
            items=items,
            context=context,
            labels=table.label[rows],
            label_times=np.asarray(known, dtype=np.float64),
        )


def _distinct(items: list[Any], low: int) -> tuple[list[Any], NDArray[np.int64]]:
    """A candidate is listed once: its latest row counts."""
    place = {item: low + offset for offset, item in enumerate(items)}
    return list(place), np.fromiter(place.values(), dtype=np.int64, count=len(place))


def context_of(table: Table, row: int) -> dict[str, float | str | None]:
    """The context that came with the request of this row."""
    return next(_contexts(table, np.array([row], dtype=np.int64)))


def _contexts(table: Table, rows: NDArray[np.int64]) -> Iterator[dict[str, float | str | None]]:
    """The context of each request from its first row, missing as None; fields as declared."""
    spec = table.declaration.spec
    columns: list[list[float | str | None]] = []
    for name in spec.context_numeric:
        # float32's shortest text: parsing it gives the same float32 again, which is what training saw.
        column = [float(str(value)) for value in table.values.at(name, rows)]
        columns.append([None if math.isnan(value) else value for value in column])
    columns += [[text or None for text in table.values.at(name, rows)] for name in spec.context_categorical]
    names = (*spec.context_numeric, *spec.context_categorical)
    if not names:
        return ({} for _ in rows)
    return (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
