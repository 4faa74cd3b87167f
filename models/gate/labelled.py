"""Labelled rows of a table in its order, training part and evaluation part alike, for checks of the table.

A version can only be as right as the table that it learnt from. What is wrong with a small one often shows in
the rows themselves: parts of the time that contradict each other, rows that contradict each other, columns
that know too much. Large tables are thinned to runs of neighbouring requests, evenly over the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate import stats
from models.gate.stats import Floats, Ints

TENTHS = 10  # parts of the time, each with as many requests
MOST_CELLS = 500_000  # rows times columns; of the flights' 58 columns 8,600 rows
LEVEL = 0.02  # chance that any check of a table's rows holds a healthy one: that of the whole set
FAMILIES = 8  # checks that share it, by Bonferroni
ALPHA = LEVEL / FAMILIES

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """n rows in the table's order, those of a request together.

    `features` are float32 or text by row, `label` float64, `starts` bounds each request's rows, `names` says
    of each row which request and item it is; `timed` whether the order is that of time; `items` which item,
    None where no item recurs.
    """

    features: Columns
    label: Floats
    starts: Ints
    names: NDArray[Any]
    timed: bool
    items: NDArray[Any] | None = None

    @cached_property
    def ordered(self) -> bool:
        """Whether requests have several rows, so that only differences inside them count."""
        return len(self.starts) > 1 and float(np.median(np.diff(self.starts))) >= 2

    @cached_property
    def request(self) -> Ints:
        """The request of each row, from 0."""
        return stats.request_of(self.starts)

    @cached_property
    def tenth(self) -> Ints:
        """The tenth of the time that each row is in, by requests."""
        return self.request * TENTHS // max(1, len(self.starts) - 1)

    def centred(self, values: NDArray[Any]) -> Floats:
        """Columns less their mean: inside the request, or inside the tenth where requests have one row.

        So neither a busy request nor a rate that changes with time looks like a column that knows something.
        """
        place = self.request if self.ordered else self.tenth
        flat = np.asarray(values, np.float64).reshape(len(values), -1)
        counts = np.bincount(place)
        sums = np.zeros((len(counts), flat.shape[1]))
        np.add.at(sums, place, flat)
        return np.asarray((flat - (sums / counts[:, None])[place]).reshape(values.shape))

    @cached_property
    def outcome(self) -> Floats:
        """The labels, centred, of mean square 1 (0 where all of them are alike)."""
        found = self.centred(self.label)
        return np.asarray(found / (float(np.sqrt(np.mean(found**2))) or 1.0))


def thinned(rows: LabelledRows) -> LabelledRows:
    """At most MOST_CELLS numbers: of each tenth of the time a run of neighbouring requests."""
    kept = kept_rows(rows.starts, len(rows.features))
    if kept is None:
        return rows
    counts = np.bincount(rows.request[kept], minlength=len(rows.starts) - 1)
    return LabelledRows(
        {name: column[kept] for name, column in rows.features.items()},
        rows.label[kept],
        np.concatenate(([0], np.cumsum(counts[counts > 0]))).astype(np.int64),
        rows.names[kept],
        rows.timed,
        None if rows.items is None else rows.items[kept],
    )


def kept_rows(starts: Ints, columns: int) -> Ints | None:
    """Which rows of a table with so many columns `thinned` keeps; None where it keeps all."""
    most = max(1000, MOST_CELLS // max(1, columns))
    if starts[-1] <= most:
        return None
    tenths = np.arange(len(starts) - 1) * TENTHS // max(1, len(starts) - 1)
    edges = np.searchsorted(tenths, np.arange(TENTHS + 1))
    return np.concatenate([_run(starts[low : high + 1], most // TENTHS) for low, high in pairwise(edges)])


def _run(starts: Ints, most: int) -> Ints:
    """The first of these requests that have at most so many rows, whole; the first one at least."""
    if len(starts) < 2:
        return np.empty(0, np.int64)
    last = int(np.searchsorted(starts - starts[0], min(most, starts[-1] - starts[0] - 1), side="right")) - 1
    return np.arange(starts[0], starts[max(last, 1)], dtype=np.int64)
