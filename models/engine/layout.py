"""Which of a forest's columns come from the catalogue, the request's context and the cross function.

The tile's order is: item columns (numeric, then categorical, then CTRs, padded to a multiple of 8), context
columns (numeric, then categorical, then CTRs), crossed columns, CTRs of context and item or crossed together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.engine.lookups import Lookups
from models.engine.protocol import EngineError
from models.engine.quantise import Ruler, fill_row
from models.engine.trees import Forest, SplitColumn
from models.features import FeatureSpec

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
    looked_up: Lookups
    """CTRs of context features alone, which follow `context` in a context's row."""
    crossed: Group
    joint: Lookups
    """CTRs of context or crossed features together with others."""
    places: NDArray[np.uint32]
    """Of each split, its column's place in the tile."""
    thresholds: NDArray[np.uint8]

    @classmethod
    def of(cls, forest: Forest, spec: FeatureSpec) -> Self:
        """Sort the columns.

        Raises EngineError where the model's features are not the declaration's.
        """
        _check(forest, spec)
        counted, of_context, joint = _statistics(forest, spec)
        looked_up, joint_lookups = Lookups.of(forest, of_context, spec), Lookups.of(forest, joint, spec)
        none: list[int | None] = [None] * len(spec.names)
        item = Group.of(forest, _places(spec, spec.item_numeric), _places(spec, spec.item_categorical))
        context = Group.of(
            forest, _places(spec, spec.context_numeric), _places(spec, spec.context_categorical)
        )
        crossed = Group.of(forest, _places(spec, spec.cross_names), none)
        own = [*item.columns, *counted]
        of_request = (*context.columns, *looked_up.columns, *crossed.columns, *joint_lookups.columns)
        order = [*own, *[None] * (-len(own) % 8), *of_request]
        tile = np.zeros(max(1, len(forest.columns)), np.uint32)
        for place, column in enumerate(order):
            if column is not None:
                tile[column] = place
        places, thresholds = tile[forest.column].ravel(), forest.threshold.ravel()
        return cls(item, counted, context, looked_up, crossed, joint_lookups, places, thresholds)

    @cached_property
    def width(self) -> int:
        """Columns of the item table: a multiple of 8."""
        size = self.item.size + len(self.counted)
        return size + -size % 8

    @property
    def context_size(self) -> int:
        """Columns of a context's row."""
        return self.context.size + self.looked_up.size

    def context_row(self, numbers: NDArray[np.float32], hashes: _Hashes, row: NDArray[np.uint8]) -> None:
        """Quantise a request's context, float32 (Kn) and the hashes of its words, into row (C)."""
        group = self.context
        fill_row(numbers, group.sources, group.ruler.borders, group.ruler.of_nan, row)
        if group.categories.size:
            row[group.sources.size : group.size] = hashes[group.categorical] == group.categories
        if self.looked_up.size:
            self.looked_up.fill_row(self.looked_up.keys(numbers, hashes), row[group.size :])


def _places(spec: FeatureSpec, names: Sequence[str]) -> list[int | None]:
    """For every feature of the model, its place among `names`."""
    place = {name: at for at, name in enumerate(names)}
    return [place.get(name) for name in spec.names]


def _statistics(forest: Forest, spec: FeatureSpec) -> tuple[tuple[int, ...], list[int], list[int]]:
    """Columns of CTRs of the item's features alone, of the context's alone, and of others."""
    of_item = {*spec.item_numeric, *spec.item_categorical}
    found: tuple[list[int], list[int], list[int]] = ([], [], [])
    for at, column in enumerate(forest.columns):
        if column.statistic is not None:
            names = {spec.names[each] for each in forest.statistics[column.statistic].projection.features}
            found[0 if names <= of_item else 1 if names <= spec.context_fields else 2].append(at)
    return tuple(found[0]), found[1], found[2]


def _check(forest: Forest, spec: FeatureSpec) -> None:
    words = {*spec.item_categorical, *spec.context_categorical}
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
