"""A CatBoost model, as `save_model(format="json")` writes it, read into the arrays that the kernel walks.

A *column* is one byte per row: how many of at most 255 borders lie below a value, or whether a category is a
certain one. A feature with more borders has several columns. Every split then reads `column > threshold`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engine.counts import Statistic, read_statistics
from models.engine.parameters import stated

BORDERS = 255  # what one byte can count
SHALLOW = 8  # levels whose leaf index fits one byte
DEEPEST = 16  # CatBoost's own limit
NUMBER, CATEGORY, STATISTIC = "number", "category", "statistic"
PROBABILITY = frozenset({"Logloss", "CrossEntropy"})

Place = tuple[int, int]  # a column and a threshold
Question = tuple[str, int, float]  # what kind of split, of what, and its border or category
Model = Mapping[str, Any]


class Unsupported(ValueError):  # noqa: N818  (not a failure: CatBoost itself serves)
    """What the kernel does not cover; the sentence is the reason that CatBoost serves."""


@dataclass(frozen=True)
class SplitColumn:
    """One byte per row. `feature` is the place among all features of the model."""

    feature: int
    borders: NDArray[np.float32]
    """Ascending, at most 255; the column is how many are less than the value."""
    nan_is_high: bool = False
    """NaN counts as greater than every border; otherwise as less."""
    category: int | None = None
    """For a categorical feature: the column is 1 where the value has this hash (see cityhash.py)."""
    statistic: int | None = None
    """The place of a CTR among `Forest.statistics`, whose value the borders are for; `feature` is −1 then."""


@dataclass(frozen=True)
class Forest:
    """Symmetric trees in their order, padded so that the kernel meets no special case.

    T trees (padded to a whole number of groups with trees of value 0, which change no bit of a sum that began
    with +0) have S streams of L levels each: one of `depth` levels, or two of eight where a leaf index
    needs more than a byte.
    """

    columns: tuple[SplitColumn, ...]
    statistics: tuple[Statistic, ...]
    column: NDArray[np.int32]
    """(T, S·L): which column a level asks; level k gives bit k of the leaf index."""
    threshold: NDArray[np.uint8]
    """(T, S·L): true where the column is greater; 255 never is."""
    starts: NDArray[np.int64]
    """(T): where a tree's leaves begin."""
    leaves: NDArray[np.float64]
    scale: float
    bias: float
    probability: bool
    """Scores are probabilities, 1 / (1 + exp(−sum)); otherwise the sum itself."""
    levels: int
    deep: bool
    trees: int
    """How many there are without the padding."""

    @property
    def group(self) -> int:
        """Trees whose leaf indices fit one 64-bit word."""
        return 4 if self.deep else 8


def read_forest(text: str | bytes) -> Forest:
    """Read a model's JSON. Raises Unsupported where only CatBoost itself can score it."""
    model = json.loads(text)
    _check(model)
    columns, places = _columns(model)
    trees = model["oblivious_trees"]
    depth = max((len(tree["splits"] or ()) for tree in trees), default=0)
    if depth > DEEPEST:
        raise Unsupported(f"trees of depth {depth}: the kernel walks up to {DEEPEST}")
    deep = depth > SHALLOW
    width = DEEPEST if deep else max(depth, 1)
    padded = -(-len(trees) // (4 if deep else 8)) * (4 if deep else 8)
    column, threshold = np.zeros((padded, width), np.int32), np.full((padded, width), 255, np.uint8)
    for row, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"] or ()):
            column[row, level], threshold[row, level] = places[_question(model, split)]
    leaves, starts = _leaves(trees, padded)
    scale, bias = model["scale_and_bias"]
    return Forest(
        columns=columns,
        statistics=read_statistics(model, _nan_is_high(model)),
        column=column,
        threshold=threshold,
        starts=starts,
        leaves=leaves,
        scale=float(scale),
        bias=float(bias[0]),
        probability=loss(model) in PROBABILITY,
        levels=SHALLOW if deep else width,
        deep=deep,
        trees=len(trees),
    )


def loss(model: Model) -> str:
    """The loss function's name without its parameters."""
    parameters = model["model_info"].get("params", {})
    if isinstance(parameters, str):
        parameters = json.loads(parameters or "{}")
    if "loss_function" not in parameters:  # a sum of models
        return str(stated(model["model_info"]).get("loss_function", "")).partition(":")[0]
    return str(parameters.get("loss_function", {}).get("type", ""))


def _check(model: Model) -> None:
    if "oblivious_trees" not in model:
        raise Unsupported("its trees are not symmetric")
    for kind in ("text_features", "embedding_features"):
        if model["features_info"].get(kind):
            raise Unsupported(f"it has {kind.replace('_', ' ')}")
    bias = model["scale_and_bias"][1]
    if len(bias) != 1:
        raise Unsupported(f"it gives {len(bias)} numbers per row")


def _splits(model: Model) -> Iterator[Mapping[str, Any]]:
    for tree in model["oblivious_trees"]:
        yield from tree["splits"] or ()


def _question(model: Model, split: Mapping[str, Any]) -> Question:
    """What a split asks: of a feature (flat index) or of a CTR (its place)."""
    features = model["features_info"]
    if split["split_type"] == "FloatFeature":
        feature = features["float_features"][split["float_feature_index"]]
        return NUMBER, feature["flat_feature_index"], float(np.float32(split["border"]))
    if split["split_type"] == "OneHotFeature":
        feature = features["categorical_features"][split["cat_feature_index"]]
        return CATEGORY, feature["flat_feature_index"], int(split["value"]) & 0xFFFFFFFF
    if split["split_type"] == "OnlineCtr":
        return STATISTIC, _statistic(features, split["split_index"]), float(np.float32(split["border"]))
    raise Unsupported(f"it has splits of type {split['split_type']}")


def _statistic(features: Mapping[str, Any], split: int) -> int:
    """Which CTR a split is of: splits are numbered through numbers, then categories, then CTRs."""
    split -= sum(len(feature["borders"] or ()) for feature in features.get("float_features") or ())
    split -= sum(len(feature.get("values") or ()) for feature in features.get("categorical_features") or ())
    for place, ctr in enumerate(features["ctrs"]):
        if split < len(ctr["borders"]):
            return place
        split -= len(ctr["borders"])
    raise Unsupported("it has a split on a CTR that it does not describe")


def _columns(model: Model) -> tuple[tuple[SplitColumn, ...], dict[Question, Place]]:
    borders: dict[tuple[str, int], set[float]] = {}
    for kind, of, value in (_question(model, split) for split in _splits(model)):
        borders.setdefault((kind, of), set()).add(value)
    columns: list[SplitColumn] = []
    places: dict[Question, Place] = {}
    high = _nan_is_high(model)
    for (kind, of), values in sorted(borders.items()):
        step = 1 if kind == CATEGORY else BORDERS
        for first in range(0, len(values), step):
            part = sorted(values)[first : first + step]
            places.update({(kind, of, value): (len(columns), at) for at, value in enumerate(part)})
            columns.append(_column(kind, of, part, of in high))
    return tuple(columns), places


def _column(kind: str, of: int, values: list[float], nan_is_high: bool) -> SplitColumn:
    if kind == CATEGORY:
        return SplitColumn(of, np.empty(0, np.float32), category=int(values[0]))
    borders = np.array(values, np.float32)
    return SplitColumn(of, borders, nan_is_high) if kind == NUMBER else SplitColumn(-1, borders, statistic=of)


def _nan_is_high(model: Model) -> frozenset[int]:
    """Features whose NaN counts as +∞; CatBoost's AsFalse and AsIs both leave every `NaN > border` false."""
    return frozenset(
        feature["flat_feature_index"]
        for feature in model["features_info"].get("float_features") or ()
        if feature["nan_value_treatment"] == "AsTrue"
    )


def _leaves(trees: list[Mapping[str, Any]], padded: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    sizes = [1 << len(tree["splits"] or ()) for tree in trees]
    values = [value for tree in trees for value in tree["leaf_values"]]
    if len(values) != sum(sizes):
        raise Unsupported(f"it has {len(values)} leaf values: its splits need {sum(sizes)}")
    ends = np.cumsum([0, *sizes], dtype=np.int64)
    starts = np.full(padded, ends[-1], np.int64)
    starts[: len(trees)] = [start for start, _ in pairwise(ends.tolist())]
    return np.array([*values, 0.0], np.float64), starts
