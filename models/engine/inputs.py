"""Where an engine's features come from: the catalogue's columns, gathered by row, and the cross function."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models import features
from models.catalogue.catalogue import Items
from models.engine.protocol import Columns, EngineError, RowError, Rows
from models.features import MISSING, Context, Cross, FeatureSpec


class _Gathered(Mapping[str, NDArray[Any]]):
    """The items' columns of some rows, each gathered when it is asked for."""

    def __init__(self, inputs: "Inputs", rows: Rows) -> None:
        self._inputs, self._rows = inputs, rows

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._inputs.column(name, self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter((*self._inputs.spec.item_numeric, *self._inputs.spec.item_categorical))

    def __len__(self) -> int:
        return len(self._inputs.spec.item_numeric) + len(self._inputs.spec.item_categorical)


class _Given(Mapping[str, NDArray[Any]]):
    """A context's fields as columns of one value, each made when it is asked for."""

    def __init__(self, spec: FeatureSpec, context: Context) -> None:
        self._spec, self._context = spec, context

    def __getitem__(self, name: str) -> NDArray[Any]:
        place = self._spec.numeric_position.get(name)
        if place is not None:
            return self._context.numeric[place : place + 1]
        return np.array([self._context.categorical[self._spec.categorical_position[name]]], dtype=object)

    def __iter__(self) -> Iterator[str]:
        return iter((*self._spec.context_numeric, *self._spec.context_categorical))

    def __len__(self) -> int:
        return len(self._spec.context_numeric) + len(self._spec.context_categorical)


@dataclass(frozen=True, eq=False)
class Inputs:
    """A ranker's features on one snapshot. `numeric` and `categorical`: name → place in the catalogue."""

    spec: FeatureSpec
    catalogue: Items
    cross: Cross | None
    numeric: Mapping[str, int]
    categorical: Mapping[str, int]
    words: Mapping[str, NDArray[np.object_]]
    """A categorical feature's vocabulary, and last, where code −1 finds it, what is missing."""

    @classmethod
    def of(cls, spec: FeatureSpec, catalogue: Items, cross: Cross | None) -> Self:
        """Find the item features in the catalogue. Raises EngineError naming those that it lacks."""
        numeric = {name: place for place, name in enumerate(catalogue.numeric_names)}
        categorical = {name: place for place, name in enumerate(catalogue.categorical_names)}
        lacking = sorted(
            {*spec.item_numeric}.difference(numeric) | {*spec.item_categorical}.difference(categorical)
        )
        if lacking:
            raise EngineError(f"catalogue {catalogue.snapshot} lacks the item features {', '.join(lacking)}")
        numeric = {name: numeric[name] for name in spec.item_numeric}
        words = {
            name: np.array([*catalogue.vocabularies[categorical[name]], MISSING], dtype=object)
            for name in spec.item_categorical
        }
        return cls(spec, catalogue, cross, numeric, categorical, words)

    def on(self, items: Items) -> Self:
        """The same features of other items of the same snapshot. Raises EngineError where it is another."""
        if items.snapshot != self.catalogue.snapshot:
            raise EngineError(f"items of catalogue {items.snapshot}: this is {self.catalogue.snapshot}")
        return replace(self, catalogue=items)

    def column(self, name: str, rows: Rows) -> NDArray[Any]:
        """float32 or text (n) of one item feature."""
        found: NDArray[Any]
        if name in self.words:
            found = self.words[name][self.catalogue.codes[self.categorical[name]][rows]]
        else:
            found = self.catalogue.numeric[self.numeric[name]][rows]
        return found

    def check(self, rows: Rows) -> Rows:
        """`rows` as int64, every one of which is in the catalogue."""
        rows = np.ascontiguousarray(rows, np.int64)
        outside = (rows < 0) | (rows >= self.catalogue.size)
        if outside.any():
            raise row_error(int(rows[outside.argmax()]), self.catalogue)
        return rows

    def features(self, rows: Rows, context: Context) -> Columns:
        """Every feature's column, through the function that training uses too."""
        rows = self.check(rows)
        numeric = np.empty((len(self.spec.item_numeric), rows.size), np.float32)
        for place, name in enumerate(self.spec.item_numeric):
            numeric[place] = self.column(name, rows)
        categorical = [self.column(name, rows) for name in self.spec.item_categorical]
        return features.columns(self.spec, numeric, categorical, context, self.cross)

    def crossed(self, rows: Rows, context: Context) -> NDArray[np.float32]:
        """float32 (X, n) of the cross features alone; columns that it leaves are not gathered."""
        made = np.empty((len(self.spec.cross_names), rows.size), np.float32)
        if self.cross is not None:
            given = _Given(self.spec, context)
            found = features.crossed(self.spec, self.cross(_Gathered(self, rows), given), rows.size)
            for row, name in zip(made, self.spec.cross_names, strict=True):
                row[:] = found[name]
        return made


def row_error(row: int, catalogue: Items) -> RowError:
    """The error for a row outside the catalogue."""
    return RowError(f"row {row} is not in catalogue {catalogue.snapshot}, which has {catalogue.size}")
