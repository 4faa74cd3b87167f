# ruff: noqa: PLR0913, PLR0917  (compiled functions take arrays, not objects)
"""CTRs that a request has a say in: of its context's values, alone or with those of items or crossed ones.

The key of a combination, the fold of h ← M · (h + M · x) in 64 bits, is a sum: the k-th of n parts adds
M^(n − k + 2) · x. So what the context adds is summed once a request. Combinations with equal keys are looked
up once, in a hash table, and what is found is the byte of every column.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from models.compiled import compiled
from models.engine.counts import MULTIPLIER, Projection, Statistic
from models.engine.trees import Forest
from models.features import FeatureSpec

WORD, NUMBER, EXACT = 0, 1, 2
_U = np.uint64
_HALF = _U(32)

Bytes = NDArray[np.uint8]
Keys = NDArray[np.uint64]
Hashes = NDArray[np.uint32]
Numbers = NDArray[np.float32]
Places = NDArray[np.int64]


class KeyParts(NamedTuple):
    """P parts of combinations: what each asks of which feature of its origin, and its factor in the key.

    Those of combination f are first[f] … first[f + 1] − 1.
    """

    first: Places
    kind: Bytes
    source: Places
    border: Numbers
    nan_is_high: Bytes
    category: Hashes
    factor: Keys


class Tables(NamedTuple):
    """F hash tables, one after the other; a slot with place −1 is empty.

    A key's `place` is its place in the bytes of each of the table's columns, first[f] … first[f + 1] − 1;
    `unknown` is the place of a key that is not there.
    """

    begin: Places
    mask: Keys
    keys: Keys
    places: NDArray[np.int32]
    unknown: Places
    first: Places
    begin_of_bytes: Places
    bytes: Bytes


class Sources(NamedTuple):
    """Items of a catalogue: `numeric` f32 (F, N), `codes` i32 (C, N), and where a spec's features are there.

    `hashes` are of all vocabularies: of feature c, code k's is at begin[c] + k, that of −1 at last[c].
    """

    numeric: Numbers
    codes: NDArray[np.int32]
    numbers: Places
    words: Places
    hashes: Hashes
    begin: Places
    last: Places


@dataclass(frozen=True, eq=False)
class Lookups:
    """Columns of a forest that are looked up by key; `columns` are their places there."""

    columns: tuple[int, ...]
    context: KeyParts
    item: KeyParts
    crossed: KeyParts
    tables: Tables

    @classmethod
    def of(cls, forest: Forest, columns: Sequence[int], spec: FeatureSpec) -> Self:
        """Sort columns by what is looked up for them."""
        shared: dict[tuple[Projection, bytes], list[int]] = {}
        for at in columns:
            statistic = _statistic(forest, at)
            shared.setdefault((statistic.projection, statistic.keys.tobytes()), []).append(at)
        groups = list(shared.values())
        projections = [projection for projection, _ in shared]
        places = {
            origin: {name: place for place, name in enumerate(names)}
            for origin, names in (
                ("context", (*spec.context_numeric,)),
                ("context words", spec.context_categorical),
                ("item", spec.item_numeric),
                ("item words", spec.item_categorical),
                ("crossed", spec.cross_names),
            )
        }
        return cls(
            tuple(at for group in groups for at in group),
            _parts(projections, spec, {**places["context"], **places["context words"]}),
            _parts(projections, spec, {**places["item"], **places["item words"]}),
            _parts(projections, spec, places["crossed"]),
            _tables(forest, groups),
        )

    @property
    def size(self) -> int:
        """How many columns."""
        return len(self.columns)

    def keys(self, numbers: Numbers, hashes: Hashes) -> Keys:
        """What a context, float32 (Kn) and the hashes of its words, adds to the keys: uint64 (F)."""
        keys = np.zeros(self.tables.begin.size, np.uint64)
        add_context(self.context, numbers, hashes, keys)
        return keys

    def fill_row(self, keys: Keys, row: Bytes) -> None:
        """The columns (C) of a context, where its keys are whole."""
        look_up_row(self.tables, keys, row)

    def fill(
        self, keys: Keys, owner: NDArray[np.int32], rows: Places, sources: Sources, crossed: Numbers
    ) -> Bytes:
        """Bytes (C, n) of rows of a catalogue; keys (J, F), owner (n), crossed float32 (X, n)."""
        found = np.zeros((self.size, rows.size), np.uint8)
        look_up(self.tables, self.item, self.crossed, keys, owner, rows, sources, crossed, found)
        return found


def _statistic(forest: Forest, column: int) -> Statistic:
    place = forest.columns[column].statistic
    if place is None:
        raise ValueError(f"column {column} is of no statistic")
    return forest.statistics[place]


def _parts(projections: Sequence[Projection], spec: FeatureSpec, places: Mapping[str, int]) -> KeyParts:
    """The parts whose features are among `places`."""
    first, found = [0], []
    for projection in projections:
        asked = list(_asked(projection))
        for place, (kind, feature, border, high, category) in enumerate(asked):
            source = places.get(spec.names[feature])
            if source is not None:
                factor = pow(int(MULTIPLIER), len(asked) - place + 1, 1 << 64)
                found.append((kind, source, border, high, category, factor))
        first.append(len(found))
    kinds, sources, borders, highs, categories, factors = zip(*found, strict=True) if found else [()] * 6
    return KeyParts(
        np.array(first, np.int64),
        np.array(kinds, np.uint8),
        np.array(sources, np.int64),
        np.array(borders, np.float32),
        np.array(highs, np.uint8),
        np.array(categories, np.uint32),
        np.array(factors, np.uint64),
    )


def _asked(projection: Projection) -> Iterator[tuple[int, int, float, bool, int]]:
    """Kind, feature, border, whether NaN is high, and category of every part, in the order of the fold."""
    for feature in projection.words:
        yield WORD, feature, 0.0, False, 0
    for feature, border, high in projection.numbers:
        yield NUMBER, feature, border, high, 0
    for feature, category in projection.exact:
        yield EXACT, feature, 0.0, False, category


def _tables(forest: Forest, groups: Sequence[Sequence[int]]) -> Tables:
    known = [_statistic(forest, group[0]).keys for group in groups]
    sizes = [1 << max(2, (2 * keys.size - 1).bit_length()) for keys in known]
    begin = np.cumsum([0, *sizes], dtype=np.int64)
    mask = np.array(sizes, np.uint64) - _U(1)
    slots, places = np.zeros(begin[-1], np.uint64), np.full(begin[-1], -1, np.int32)
    for at, keys in enumerate(known):
        insert(keys, slots[begin[at] : begin[at + 1]], places[begin[at] : begin[at + 1]], mask[at])
    filled = [
        np.searchsorted(forest.columns[at].borders, _statistic(forest, at).values).astype(np.uint8)
        for group in groups
        for at in group
    ]
    return Tables(
        begin[:-1],
        mask,
        slots,
        places,
        np.array([keys.size for keys in known], np.int64),
        np.cumsum([0, *map(len, groups)], dtype=np.int64),
        np.cumsum([0, *(each.size for each in filled)], dtype=np.int64)[:-1],
        np.concatenate([np.empty(0, np.uint8), *filled]),
    )


@compiled
def _slot(key: np.uint64, mask: np.uint64) -> np.uint64:
    return (key ^ (key >> _HALF)) & mask


@compiled
def insert(keys: Keys, slots: Keys, places: NDArray[np.int32], mask: np.uint64) -> None:
    """Put distinct keys into an empty table of at least as many slots."""
    for place in range(keys.size):
        at = _slot(keys[place], mask)
        while places[at] >= 0:
            at = (at + _U(1)) & mask
        slots[at], places[at] = keys[place], place


@compiled
def _place(tables: Tables, table: int, key: np.uint64) -> np.int64:
    begin, mask = tables.begin[table], tables.mask[table]
    at = _slot(key, mask)
    while tables.places[begin + np.int64(at)] >= 0:
        if tables.keys[begin + np.int64(at)] == key:
            return np.int64(tables.places[begin + np.int64(at)])
        at = (at + _U(1)) & mask
    return np.int64(tables.unknown[table])


@compiled
def _wide(value: np.uint32) -> np.uint64:
    """A hash is a signed 32-bit number to CatBoost."""
    return _U(np.int64(np.int32(value)))


@compiled
def _above(parts: KeyParts, part: int, value: np.float32) -> np.uint64:
    high = value > parts.border[part] or (np.isnan(value) and parts.nan_is_high[part] != 0)
    return _U(1) if high else _U(0)


@compiled
def _of_hash(parts: KeyParts, part: int, hashed: np.uint32) -> np.uint64:
    if parts.kind[part] == WORD:
        return _wide(hashed)
    return _U(1) if hashed == parts.category[part] else _U(0)


@compiled
def add_context(parts: KeyParts, numbers: Numbers, hashes: Hashes, keys: Keys) -> None:
    """Add what a context has to keys (F)."""
    for table in range(keys.size):
        for part in range(parts.first[table], parts.first[table + 1]):
            source = parts.source[part]
            if parts.kind[part] == NUMBER:
                keys[table] += parts.factor[part] * _above(parts, part, numbers[source])
            else:
                keys[table] += parts.factor[part] * _of_hash(parts, part, hashes[source])


@compiled
def look_up_row(tables: Tables, keys: Keys, row: Bytes) -> None:
    """Fill the columns (C) of whole keys (F)."""
    for table in range(keys.size):
        place = _place(tables, table, keys[table])
        for column in range(tables.first[table], tables.first[table + 1]):
            row[column] = tables.bytes[tables.begin_of_bytes[column] + place]


@compiled
def _of_item(parts: KeyParts, part: int, sources: Sources, row: int) -> np.uint64:
    source = parts.source[part]
    if parts.kind[part] == NUMBER:
        return _above(parts, part, sources.numeric[sources.numbers[source], row])
    code = sources.codes[sources.words[source], row]
    at = sources.begin[source] + code if code >= 0 else sources.last[source]
    return _of_hash(parts, part, sources.hashes[at])


@compiled
def look_up(
    tables: Tables,
    item: KeyParts,
    crossed_parts: KeyParts,
    keys: Keys,
    owner: NDArray[np.int32],
    rows: Places,
    sources: Sources,
    crossed: Numbers,
    found: Bytes,
) -> None:
    """Fill columns (C, n) of rows; one that is outside the catalogue stays 0, which the walk refuses."""
    for at in range(rows.size):
        row = rows[at]
        if row < 0 or row >= sources.codes.shape[1]:
            continue
        for table in range(tables.begin.size):
            key = keys[owner[at], table]
            for part in range(item.first[table], item.first[table + 1]):
                key += item.factor[part] * _of_item(item, part, sources, row)
            for part in range(crossed_parts.first[table], crossed_parts.first[table + 1]):
                value = crossed[crossed_parts.source[part], at]
                key += crossed_parts.factor[part] * _above(crossed_parts, part, value)
            place = _place(tables, table, key)
            for column in range(tables.first[table], tables.first[table + 1]):
                found[column, at] = tables.bytes[tables.begin_of_bytes[column] + place]
