"""A table's requests as rows of numbers, for learning what healthy contexts are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.contexts.fits import next_of_kind
from models.contexts.layout import RequestLayout, common, kinds_of
from models.table.dataset import Rows, Table

Floats = NDArray[np.float64]

MOST_REQUESTS, MOST_ROWS = 5_000, 400_000
"""The latest of them: enough to learn from, and some seconds of work."""


@dataclass(frozen=True, eq=False)
class TableRequests:
    """n requests in time order: (n, p) contexts, (n, q) candidates, kinds, and times (unix s) or None."""

    contexts: Floats
    candidates: Floats
    kinds: list[tuple[str, ...]]
    times: Floats | None

    @property
    def every(self) -> float | None:
        """The usual time between two requests of a kind, in seconds; None where there is none."""
        after = next_of_kind(self.kinds)
        at = np.flatnonzero(after >= 0)
        if self.times is None or not len(at):
            return None
        usual = float(np.median(self.times[after[at]] - self.times[at]))
        return usual if usual > 0 else None

    def __len__(self) -> int:
        return len(self.contexts)


def layout_of(table: Table, mask: NDArray[np.bool_]) -> RequestLayout:
    """The layout for a table's requests, from the rows in `mask`."""
    spec, numbers = table.declaration.spec, _latest(table, mask)
    first = table.starts[numbers]
    rows, starts = _rows(table, numbers)
    categories = {name: table.values.at(name, table.latest_of[rows]) for name in spec.item_categorical}
    return RequestLayout(
        context_numeric=spec.context_numeric,
        context_categorical={name: common(table.values.at(name, first)) for name in spec.context_categorical},
        item_numeric=spec.item_numeric,
        item_categorical={name: common(column) for name, column in categories.items()},
        kinds=kinds_of(categories, starts),
    )


def requests_of(table: Table, mask: NDArray[np.bool_], layout: RequestLayout) -> TableRequests:
    """The latest requests whose rows are in `mask`. Item features are the catalogue's, as while serving."""
    numbers = _latest(table, mask)
    first = table.starts[numbers]
    rows, starts = _rows(table, numbers)
    latest = table.latest_of[rows]
    items: dict[str, NDArray[Any]] = {
        name: table.values.at(name, latest) for name in (*layout.item_numeric, *layout.item_categorical)
    }
    context = {name: table.values.at(name, first) for name in layout.context_names}
    kinds = [layout.kind({name: items[name][low:] for name in layout.kinds}) for low in starts[:-1].tolist()]
    return TableRequests(
        contexts=layout.contexts(context),
        candidates=layout.candidates(items, starts),
        kinds=kinds,
        times=None if table.time is None else np.maximum.reduceat(table.time[rows], starts[:-1]),
    )


def _latest(table: Table, mask: NDArray[np.bool_]) -> Rows:
    """The latest requests' numbers, as many as the bounds allow."""
    numbers = table.requests_in(mask)[-MOST_REQUESTS:]
    sizes = np.diff(table.starts)[numbers]
    return numbers[np.cumsum(sizes[::-1])[::-1] <= MOST_ROWS]


def _rows(table: Table, numbers: Rows) -> tuple[Rows, Rows]:
    """All rows of some requests beside each other, and where each request's begin."""
    sizes = np.diff(table.starts)[numbers]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    rows = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes) + np.repeat(table.starts[numbers], sizes)
    return rows.astype(np.int64), starts
