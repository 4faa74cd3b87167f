"""A small forest of oblivious trees as plain arrays: fitted by CatBoost at training, read with numpy."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

TREES, DEPTH, RATE = 150, 5, 0.15
AT_ONCE = 2_000  # rows walked together: some ten megabytes


@dataclass(frozen=True, eq=False)
class PlainForest:
    """T trees of depth D: a split is true where a feature is over its border; NaN never is.

    features: int32 (T, D); borders: float32 (T, D); leaves: float64 (T, 2**D), the first split is bit 0.
    """

    features: NDArray[np.int32]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float64]
    bias: float

    def log_odds(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64 (n) for rows (n, p)."""
        parts = [self._walk(rows[low : low + AT_ONCE]) for low in range(0, len(rows), AT_ONCE)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _walk(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        over = rows.astype(np.float32)[:, self.features] > self.borders  # (n, T, D)
        leaf = over @ (1 << np.arange(self.features.shape[1]))
        return np.asarray(self.leaves[np.arange(len(self.leaves)), leaf].sum(axis=1) + self.bias)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays, which `of_arrays` takes back."""
        bias = np.array([self.bias])
        return {"features": self.features, "borders": self.borders, "leaves": self.leaves, "bias": bias}

    @classmethod
    def of_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """The forest of `arrays`. Raises KeyError where one is missing."""
        bias = float(arrays["bias"][0])
        return cls(arrays["features"], arrays["borders"], arrays["leaves"], bias)


def fit(real: NDArray[np.float64], made_up: NDArray[np.float64]) -> PlainForest:
    """A forest whose log odds say how much likelier a row is real than made up; both count alike.

    `real` and `made_up` are (n, p) and (m, p), NaN where missing.
    """
    import catboost

    model = catboost.CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        learning_rate=RATE,
        rsm=0.5,
        random_seed=0,
        verbose=False,
        allow_writing_files=False,
    )
    label = np.repeat([1.0, 0.0], [len(real), len(made_up)])
    weight = np.where(label == 1, len(made_up) / len(real), 1.0)
    model.fit(np.vstack([real, made_up]).astype(np.float32), label, sample_weight=weight)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        return _of_json(json.loads(path.read_text(encoding="utf-8")))


def _of_json(document: dict[str, Any]) -> PlainForest:
    trees = document["oblivious_trees"]
    depth = max((len(tree["splits"] or []) for tree in trees), default=0)
    features = np.zeros((len(trees), depth), np.int32)
    borders = np.full((len(trees), depth), np.inf, np.float32)  # never over: bit 0
    leaves = np.zeros((len(trees), 2**depth))
    for place, tree in enumerate(trees):
        for bit, split in enumerate(tree["splits"] or []):
            features[place, bit], borders[place, bit] = split["float_feature_index"], split["border"]
        leaves[place, : len(tree["leaf_values"])] = tree["leaf_values"]
    scale, bias = document["scale_and_bias"]
    bias = bias[0] if isinstance(bias, list) else bias
    return PlainForest(features, borders, leaves * scale, float(bias))
