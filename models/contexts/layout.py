"""A request as two rows of numbers: its context, and what its candidates are like on the whole.

The same function makes the rows at training and of what is served. Candidates are their means of numbers and
the shares of the commonest values of categories, so that how many they are does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Fields = Mapping[str, NDArray[Any]]

COMMONEST = 20  # values of a category that are told apart
KINDS = 20  # values of a category that may tell kinds of requests apart
AGREE = 0.9  # of the requests, whose candidates all have one value of such a category


@dataclass(frozen=True)
class RequestLayout:
    """Which fields make the rows, in order. Values of categories are the commonest first.

    `kinds` are item categories that all candidates of a request share, such as the airport they leave from.
    """

    context_numeric: tuple[str, ...]
    context_categorical: Mapping[str, Sequence[str]]
    item_numeric: tuple[str, ...]
    item_categorical: Mapping[str, Sequence[str]]
    kinds: tuple[str, ...]

    @property
    def context_names(self) -> tuple[str, ...]:
        """The columns of `contexts`."""
        return (*self.context_numeric, *self.context_categorical)

    def contexts(self, fields: Fields) -> Floats:
        """(n, p): numbers, and categories by how common the value is; NaN where missing."""
        columns = [fields[name].astype(np.float64) for name in self.context_numeric]
        columns += [_coded(fields[name], values) for name, values in self.context_categorical.items()]
        return np.stack(columns, axis=1)

    def candidates(self, fields: Fields, starts: NDArray[np.int64]) -> Floats:
        """(r, q): request i has the rows starts[i]:starts[i + 1], one at least."""
        columns = [_means(fields[name].astype(np.float64), starts) for name in self.item_numeric]
        for name, values in self.item_categorical.items():
            columns += [_means((fields[name] == value).astype(np.float64), starts) for value in values]
        return np.stack(columns, axis=1) if columns else np.empty((len(starts) - 1, 0))

    def kind(self, fields: Fields) -> tuple[str, ...]:
        """What kind of request these candidates are of: the first one's values."""
        return tuple(str(fields[name][0]) for name in self.kinds)

    def missing_items(self, fields: Fields) -> list[str]:
        """Item fields that a catalogue lacks."""
        return [name for name in (*self.item_numeric, *self.item_categorical) if name not in fields]


def common(column: NDArray[Any]) -> list[str]:
    """The commonest values of a column of texts, "" left out."""
    values, counts = np.unique(column[column != ""].astype(str), return_counts=True)
    return [str(each) for each in values[np.argsort(-counts, kind="stable")][:COMMONEST]]


def kinds_of(categories: Fields, starts: NDArray[np.int64]) -> tuple[str, ...]:
    """Categories of few values that all candidates of a request mostly share; none for lists of one."""
    if len(starts) < 2 or np.median(np.diff(starts)) < 2:
        return ()
    found = []
    for name, column in categories.items():
        _, codes = np.unique(column.astype(str), return_inverse=True)
        same = np.maximum.reduceat(codes, starts[:-1]) == np.minimum.reduceat(codes, starts[:-1])
        if same.mean() >= AGREE and codes.max() + 1 <= KINDS:
            found.append(name)
    return tuple(found)


def _coded(column: NDArray[Any], values: Sequence[str]) -> Floats:
    """Positions among the commonest values, their number for any other; NaN where missing."""
    places = {value: float(place) for place, value in enumerate(values)}
    return np.array([np.nan if text == "" else places.get(text, float(len(values))) for text in column])


def _means(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """Means of what is given, by request; NaN where all is missing."""
    given = ~np.isnan(values)
    total = np.add.reduceat(np.where(given, values, 0.0), starts[:-1])
    count = np.add.reduceat(given.astype(np.float64), starts[:-1])
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
