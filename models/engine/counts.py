"""CatBoost's target statistics of categories (CTRs): what a value, or a combination, stood for in training.

Of item features they are constants of a model and a snapshot, so they are computed once, like the rest of an
item's row. The arithmetic is CatBoost's, in its order and in float32:

    key    = fold of h ← M · (h + M · x) over the combination, in 64 bits; x a hash or a split's answer
    value  = ((good + prior) / (total + prior denominator) + shift) · scale
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MULTIPLIER = np.uint64(0x4906BA494954CB65)
_MEANS = ("BinarizedTargetMeanValue", "FloatTargetMeanValue")
_TOTALS = ("Counter", "FeatureFreq")

Numbers = NDArray[np.float32]
Hashes = Callable[[int], NDArray[np.uint32]]
"""A categorical feature (its flat index) → the hash of its value in every row."""
Values = Callable[[int], Numbers]
"""A numeric feature (its flat index) → its value in every row."""


@dataclass(frozen=True)
class Projection:
    """Features by flat index: values as they are, answers to `x > border`, answers to `hash = h`."""

    words: tuple[int, ...]
    numbers: tuple[tuple[int, float, bool], ...]
    """Feature, border, and whether NaN is high."""
    exact: tuple[tuple[int, int], ...]

    @property
    def features(self) -> frozenset[int]:
        """All features that it needs."""
        return frozenset((*self.words, *(one for one, *_ in self.numbers), *(one for one, _ in self.exact)))

    def keys(self, hashes: Hashes, values: Values) -> NDArray[np.uint64]:
        """uint64 (n): the combination's hash in every row."""
        parts: list[NDArray[Any]] = [hashes(feature).view(np.int32) for feature in self.words]
        for feature, border, nan_is_high in self.numbers:
            value = values(feature)
            parts.append((value > np.float32(border)) | (np.isnan(value) & nan_is_high))
        parts += [hashes(feature) == category for feature, category in self.exact]
        key = np.zeros(len(parts[0]), np.uint64)
        for part in parts:
            wide = part.astype(np.int64).view(np.uint64)  # hashes are signed 32-bit numbers to CatBoost
            key = MULTIPLIER * (key + MULTIPLIER * wide)
        return key


@dataclass(frozen=True, eq=False)
class Statistic:
    """One CTR: known keys in order, and its value for each and, last, for an unknown one."""

    projection: Projection
    keys: NDArray[np.uint64]
    values: Numbers

    def of(self, keys: NDArray[np.uint64]) -> Numbers:
        """float32 (n)."""
        place = np.searchsorted(self.keys, keys)
        known = place < self.keys.size
        known[known] = self.keys[place[known]] == keys[known]
        return self.values[np.where(known, place, self.keys.size)]


def evaluate(statistics: Sequence[Statistic], hashes: Hashes, values: Values, count: int) -> Numbers:
    """float32 (S, n) of all statistics; combinations that several share are hashed once."""
    found = np.empty((len(statistics), count), np.float32)
    keys: dict[Projection, NDArray[np.uint64]] = {}
    for row, statistic in zip(found, statistics, strict=True):
        projection = statistic.projection
        if projection not in keys:
            keys[projection] = projection.keys(hashes, values)
        row[:] = statistic.of(keys[projection])
    return found


def read_statistics(model: Mapping[str, Any], nan_is_high: frozenset[int]) -> tuple[Statistic, ...]:
    """All CTRs of a model's JSON, in the order in which its splits count them."""
    features = model["features_info"]
    flat = {
        kind: [feature["flat_feature_index"] for feature in features.get(kind) or ()]
        for kind in ("float_features", "categorical_features")
    }
    tables = {_canonical(name): table for name, table in (model.get("ctr_data") or {}).items()}
    read = []
    for ctr in features.get("ctrs") or ():
        projection = _projection(ctr["elements"], flat, nan_is_high)
        keys, good, total = _counts(ctr, tables[_canonical(ctr["identifier"])])
        read.append(Statistic(projection, keys, _values(ctr, good, total)))
    return tuple(read)


def _canonical(name: str) -> str:
    return json.dumps(json.loads(name), sort_keys=True)


def _projection(
    elements: Sequence[Mapping[str, Any]], flat: Mapping[str, list[int]], nan_is_high: frozenset[int]
) -> Projection:
    words, numbers, exact = [], [], []
    for element in elements:
        kind = element["combination_element"]
        if kind == "cat_feature_value":
            words.append(flat["categorical_features"][element["cat_feature_index"]])
        elif kind == "float_feature":
            feature = flat["float_features"][element["float_feature_index"]]
            numbers.append((feature, float(element["border"]), feature in nan_is_high))
        else:
            feature = flat["categorical_features"][element["cat_feature_index"]]
            exact.append((feature, int(element["value"]) & 0xFFFFFFFF))
    return Projection(tuple(words), tuple(numbers), tuple(exact))


def _counts(ctr: Mapping[str, Any], table: Mapping[str, Any]) -> tuple[NDArray[np.uint64], Numbers, Numbers]:
    """Keys in order, and what was good and in total for each and, last, for an unknown one (nothing)."""
    stride = int(table["hash_stride"])
    rows = np.array(table["hash_map"], object).reshape(-1, stride)
    keys = rows[:, 0].astype(np.uint64)
    order = np.argsort(keys)
    counts = rows[order, 1:].astype(np.float64)
    border = int(ctr["target_border_idx"])
    if ctr["ctr_type"] in _MEANS:
        good, total = counts[:, 0], counts[:, 1]
    elif ctr["ctr_type"] in _TOTALS:
        good, total = counts[:, 0], np.full(len(counts), float(table["counter_denominator"]))
    elif ctr["ctr_type"] == "Buckets":
        good, total = counts[:, border], counts.sum(axis=1)
    else:  # Borders
        good, total = counts[:, border + 1 :].sum(axis=1), counts.sum(axis=1)
    nothing = np.zeros(1, np.float32)
    return (
        keys[order],
        np.concatenate([good.astype(np.float32), nothing]),
        np.concatenate([total.astype(np.float32), nothing]),
    )


def _values(ctr: Mapping[str, Any], good: Numbers, total: Numbers) -> Numbers:
    prior, denominator, shift, scale = (
        np.float32(ctr[name]) for name in ("prior_numerator", "prior_denomerator", "shift", "scale")
    )
    values: Numbers = ((good + prior) / (total + denominator) + shift) * scale
    return values
