"""Which of a forest's columns come from the catalogue, the request's context and the cross function.

The tile's order is: item columns (numeric, then categorical, then CTRs,
padded to a multiple of 8), context columns
(numeric, then categorical), crossed columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.engine.protocol import EngineError
from models.engine.quantise import Ruler, fill_row
from models.engine.trees import Forest, SplitColumn, Unsupported
from models.features import Context, FeatureSpec

_Hashes = NDArray[np.uint32]
HASHES_KEPT = 4096  # context values whose hash is remembered, about 0.5 MB


@dataclass(frozen=True, eq=False)
class Group:
    """Columns of one origin: numeric ones by the place of their feature there, then categorical ones."""

    columns: tuple[int, ...]
    """Places in `Forest.columns`."""
    ruler: Ruler
    sources: NDArray[np.int64]
    categorical: NDArray[np.int64]
    """The place of each categorical column's feature."""
    categories: _Hashes

    @classmethod
    def of(cls, forest: Forest, places: Sequence[int | None], categorical: Sequence[int | None]) -> Self:
        """The columns whose feature has a place (by flat feature index) of the one or the other kind."""

        def chosen(where: Sequence[int | None], is_category: bool) -> list[tuple[int, int, SplitColumn]]:
            return [
                (at, place, column)
                for at, column in enumerate(forest.columns)
                if column.statistic is None
                and (column.category is not None) is is_category
                and (place := where[column.feature]) is not None
            ]

        numbers, words = chosen(places, False), chosen(categorical, True)
        return cls(
            columns=tuple(at for at, _, _ in (*numbers, *words)),
            ruler=Ruler([column for _, _, column in numbers]),
            sources=np.array([place for _, place, _ in numbers], np.int64),
            categorical=np.array([place for _, place, _ in words], np.int64),
            categories=np.array([column.category for _, _, column in words], np.uint32),
        )

    @property
    def size(self) -> int:
        """How many columns."""
        return len(self.columns)


@dataclass(frozen=True, eq=False)
class Layout:
    """A forest's columns by origin, and where each split's column is in the tile."""

    item: Group
    counted: tuple[int, ...]
    """Columns of CTRs of item features, which follow `item` in the table."""
    context: Group
    crossed: Group
    places: NDArray[np.uint32]
    """Of each split, its column's place in the tile."""
    thresholds: NDArray[np.uint8]

    @classmethod
    def of(cls, forest: Forest, spec: FeatureSpec) -> Self:
        """Sort the columns.

        Raises EngineError where the model's features are not the declaration's, and Unsupported where a CTR
        depends on more than the item.
        """
        _check(forest, spec)
        counted = tuple(at for at, column in enumerate(forest.columns) if column.statistic is not None)
        none: list[int | None] = [None] * len(spec.names)
        item = Group.of(forest, _places(spec, spec.item_numeric), _places(spec, spec.item_categorical))
        context = Group.of(
            forest, _places(spec, spec.context_numeric), _places(spec, spec.context_categorical)
        )
        crossed = Group.of(forest, _places(spec, spec.cross_names), none)
        own = [*item.columns, *counted]
        order = [*own, *[None] * (-len(own) % 8), *context.columns, *crossed.columns]
        tile = np.zeros(max(1, len(forest.columns)), np.uint32)
        for place, column in enumerate(order):
            if column is not None:
                tile[column] = place
        return cls(item, counted, context, crossed, tile[forest.column].ravel(), forest.threshold.ravel())

    @cached_property
    def width(self) -> int:
        """Columns of the item table: a multiple of 8."""
        size = self.item.size + len(self.counted)
        return size + -size % 8

    def context_row(self, context: Context, hashed: Callable[[str], int], row: NDArray[np.uint8]) -> None:
        """Quantise a request's context into row (C)."""
        group = self.context
        fill_row(context.numeric, group.sources, group.ruler.borders, group.ruler.of_nan, row)
        if group.categories.size:
            hashes = np.array([hashed(text) for text in context.categorical], np.uint32)
            row[group.sources.size :] = hashes[group.categorical] == group.categories


def _places(spec: FeatureSpec, names: Sequence[str]) -> list[int | None]:
    """For every feature of the model, its place among `names`."""
    place = {name: at for at, name in enumerate(names)}
    return [place.get(name) for name in spec.names]


def _check(forest: Forest, spec: FeatureSpec) -> None:
    words = {*spec.item_categorical, *spec.context_categorical}
    for statistic in forest.statistics:
        names = sorted(spec.names[feature] for feature in statistic.projection.features)
        if not {*names} <= {*spec.item_numeric, *spec.item_categorical}:
            raise Unsupported(f"it has a CTR of {', '.join(names)}, which are not all features of the item")
    for column in forest.columns:
        if column.statistic is not None:
            continue
        if column.feature >= len(spec.names):
            raise EngineError(f"the model asks for feature {column.feature}: {len(spec.names)} are declared")
        name = spec.names[column.feature]
        if (name in words) is not (column.category is not None):
            raise EngineError(
                f"feature {name} is categorical in one of model and declaration, numeric in the other"
            )
