"""Quick fits of labels on features, beside the version's own model: what the rows themselves can tell.

Ridge regression (A. E. Hoerl and R. W. Kennard, 1970) on ranks and bins of every column, so that neither
units nor outliers matter and a U is seen as well as a line. Every prediction is of rows that its fit did
not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.gate.labelled import TENTHS, LabelledRows
from models.gate.stats import Floats

BINS = 5  # of a number, where the table has at most BINNED columns; ranks alone where it has more
BINNED = 60
LEVELS = 20  # values of a category, the most frequent
SHRINK = 0.03  # of the rows: the ridge, on columns of unit variance
FOLDS = 5

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Design:
    """Features as numbers that are centred as the rows are: (n, k); `columns` are the places of each name."""

    rows: LabelledRows
    matrix: Floats
    columns: dict[str, list[int]]

    @classmethod
    def of(cls, rows: LabelledRows) -> Design:
        """Ranks and bins of numbers, values of categories; what is the same everywhere is left out."""
        few = len(rows.features) <= BINNED
        parts: list[Floats] = []
        columns: dict[str, list[int]] = {}
        place = 0
        for name, column in rows.features.items():
            made = rows.centred(
                np.column_stack(_levels(column) if column.dtype == object else _numbers(column, few))
            )
            made = made[:, made.std(axis=0) > 1e-9]
            columns[name] = list(range(place, place + made.shape[1]))
            place += made.shape[1]
            parts.append(made)
        matrix = np.column_stack(parts) if place else np.zeros((len(rows.label), 0))
        return cls(rows, matrix / np.where(matrix.std(axis=0) > 0, matrix.std(axis=0), 1), columns)

    @cached_property
    def _grams(self) -> list[tuple[Floats, Floats]]:
        """Products of the columns with each other and with the outcome, by tenth."""
        found = []
        for tenth in range(TENTHS):
            inside = self.matrix[self.rows.tenth == tenth]
            found.append((inside.T @ inside, inside.T @ self.rows.outcome[self.rows.tenth == tenth]))
        return found

    def fitted_on(self, tenths: Sequence[int], places: Sequence[int] | None = None) -> Floats:
        """The prediction of every row by a fit on the rows of some tenths, by some columns; float64 (n)."""
        chosen = np.arange(self.matrix.shape[1]) if places is None else np.asarray(places, np.int64)
        gram = sum(self._grams[tenth][0] for tenth in tenths)
        target = sum(self._grams[tenth][1] for tenth in tenths)
        return self._predicted(
            np.asarray(gram), np.asarray(target), chosen, int(np.isin(self.rows.tenth, tenths).sum())
        )

    def _predicted(self, gram: Floats, target: Floats, chosen: NDArray[np.int64], count: int) -> Floats:
        if len(chosen) == 0:
            return np.zeros(len(self.matrix))
        ridge = gram[np.ix_(chosen, chosen)] + SHRINK * max(count, 1) * np.eye(len(chosen))
        weights = np.linalg.solve(ridge, target[chosen])
        return np.asarray(self.matrix[:, chosen] @ weights)

    def out_of_fold(self, places: Sequence[int] | None = None) -> Floats:
        """Each row predicted by a fit on the tenths that are not in its fold, centred as the rows are."""
        found = np.zeros(len(self.matrix))
        for fold in range(FOLDS):
            others = [tenth for tenth in range(TENTHS) if tenth % FOLDS != fold]
            inside = self.rows.tenth % FOLDS == fold
            found[inside] = self.fitted_on(others, places)[inside]
        return self.rows.centred(found)

    @cached_property
    def prediction(self) -> Floats:
        """`out_of_fold` by all columns."""
        return self.out_of_fold()

    def with_outcome(self, outcome: Floats) -> Design:
        """The same columns with other outcomes, float64 (n), centred."""
        own = self.rows
        other = LabelledRows(own.features, outcome, own.starts, own.names, own.timed, own.items)
        return Design(other, self.matrix, self.columns)

    def without(self, name: str) -> list[int]:
        """The places of all columns but one."""
        return [place for other, places in self.columns.items() if other != name for place in places]


def agreement(rows: LabelledRows, prediction: Floats) -> Floats:
    """Each request's part in the correlation of a centred prediction with the outcome; float64 (requests).

    Their mean is the correlation; means of some requests tell how the prediction does there.
    """
    size = float(np.sqrt(np.mean(prediction**2))) or 1.0
    return by_request(rows, prediction * rows.outcome / size)


def by_request(rows: LabelledRows, values: Floats) -> Floats:
    """Sums of values by request, scaled so that their mean is that of the rows; float64 (requests)."""
    return np.asarray(np.add.reduceat(values, rows.starts[:-1]) * (len(rows.starts) - 1) / len(rows.label))


def _levels(column: NDArray[Any]) -> list[Floats]:
    values, counts = np.unique(column.astype(str), return_counts=True)
    most = values[np.argsort(-counts, kind="stable")[:LEVELS]]
    return [(column.astype(str) == value).astype(np.float64) for value in most.tolist()]


def ranks(column: NDArray[Any]) -> Floats:
    """Mid-ranks of a number from −0.5 to 0.5; what is missing lies in the middle."""
    values = np.asarray(column, np.float64)
    known = np.isfinite(values)
    found = np.zeros(len(values))
    count = int(known.sum())
    if count > 1:
        _, inverse, counts = np.unique(values[known], return_inverse=True, return_counts=True)
        middle = np.cumsum(counts) - (counts + 1) / 2
        found[known] = middle[inverse] / (count - 1) - 0.5
    return found


def _numbers(column: NDArray[Any], binned: bool) -> list[Floats]:
    missing = ~np.isfinite(np.asarray(column, np.float64))
    place = ranks(column)
    parts = [place]
    if missing.any():
        parts.append(missing.astype(np.float64))
    if binned:
        bins = np.minimum(((place + 0.5) * BINS).astype(int), BINS - 1)
        parts += [((bins == each) & ~missing).astype(np.float64) for each in range(BINS)]
    return parts
