"""Items → the kernel's table: numeric features, categories and CTRs, one byte per column."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Items
from models.engine.cityhash import category_hashes
from models.engine.counts import Hashes, Values, evaluate
from models.engine.inputs import Inputs
from models.engine.layout import Layout
from models.engine.lookups import Sources
from models.engine.quantise import Ruler, fill_table
from models.engine.trees import Forest


@dataclass(frozen=True, eq=False)
class Filler:
    """Quantises items of a snapshot: its vocabularies are hashed once."""

    layout: Layout
    forest: Forest
    sources: NDArray[np.int64]
    """Of each numeric column, the place of its feature among the items'."""
    numbers: dict[int, int]
    """Numeric feature (flat index) → its place among the items'."""
    words: dict[int, int]
    hashes: dict[int, NDArray[np.uint32]]
    """Categorical feature (flat index) → the hash of every code (−1 is the last)."""
    flags: tuple[tuple[int, NDArray[np.uint8]], ...]
    """Of each categorical column, the place of its feature, and its value for every code."""

    @classmethod
    def of(cls, layout: Layout, forest: Forest, inputs: Inputs) -> Self:
        """Find the features, and hash their vocabularies."""
        group, spec = layout.item, inputs.spec
        flat = {name: place for place, name in enumerate(spec.names)}
        places = np.array([inputs.numeric[name] for name in spec.item_numeric], np.int64)
        hashes = [category_hashes(inputs.words[name].tolist()) for name in spec.item_categorical]
        words = [inputs.categorical[name] for name in spec.item_categorical]
        flags = [
            (words[place], (hashes[place] == category).astype(np.uint8))
            for place, category in zip(group.categorical.tolist(), group.categories, strict=True)
        ]
        return cls(
            layout,
            forest,
            places[group.sources],
            {flat[name]: inputs.numeric[name] for name in spec.item_numeric},
            {flat[name]: word for name, word in zip(spec.item_categorical, words, strict=True)},
            {flat[name]: hashed for name, hashed in zip(spec.item_categorical, hashes, strict=True)},
            tuple(flags),
        )

    def joint_sources(self, items: Items) -> Sources:
        """What combinations with a request's values are made of, of items of the same snapshot."""
        numeric, codes = (_fixed(each) for each in (items.numeric, items.codes))
        return Sources(numeric, codes, *self._places)

    @cached_property
    def _places(self) -> tuple[NDArray[Any], ...]:
        sizes = [each.size for each in self.hashes.values()]
        ends = np.cumsum([0, *sizes], dtype=np.int64)
        return (
            np.array([*self.numbers.values()], np.int64),
            np.array([*self.words.values()], np.int64),
            np.concatenate([np.empty(0, np.uint32), *self.hashes.values()]),
            ends[:-1],
            ends[1:] - 1,
        )

    def table(self, items: Items) -> NDArray[np.uint8]:
        """Table u8 (N, width) of items of the same snapshot."""
        table = np.zeros((items.size, self.layout.width), np.uint8)
        ruler = self.layout.item.ruler
        fill_table(items.numeric, self.sources, ruler.borders, ruler.of_nan, table, 0)
        for at, (place, flags) in enumerate(self.flags, self.sources.size):
            table[:, at] = flags[items.codes[place]]
        fill_statistics(
            self.layout,
            self.forest,
            lambda feature: self.hashes[feature][items.codes[self.words[feature]]],
            lambda feature: items.numeric[self.numbers[feature]],
            table,
        )
        table.flags.writeable = False  # as a mapped one is: another type to Numba, and another compilation
        return table


def _fixed(values: NDArray[Any]) -> NDArray[Any]:
    """As one that is mapped: another type to Numba would be another compilation."""
    found = np.ascontiguousarray(values).view(np.ndarray)
    found.flags.writeable = False
    return found


def fill_statistics(
    layout: Layout, forest: Forest, hashes: Hashes, values: Values, table: NDArray[np.uint8]
) -> None:
    """Fill the columns of CTRs in table (N, width)."""
    if not layout.counted:
        return
    columns = [forest.columns[at] for at in layout.counted]
    places = [column.statistic for column in columns if column.statistic is not None]
    used = sorted(set(places))
    found = evaluate([forest.statistics[place] for place in used], hashes, values, len(table))
    ruler = Ruler(columns)
    sources = np.searchsorted(used, places).astype(np.int64)
    fill_table(found, sources, ruler.borders, ruler.of_nan, table, layout.item.size)
