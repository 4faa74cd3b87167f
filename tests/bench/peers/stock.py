"""What the peers have in common: stock CatBoost, features in memory, the fastest ready-made look-up."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas
from catboost import CatBoost
from numpy.typing import NDArray

from tests.bench.world import CONTEXT_FEATURES, ITEM_FEATURES, World

FOLDER = "BENCH_WORLD"  # the environment variable that tells a peer's process where the world is


class Stock:
    """A model and the items' features; scores what it is asked for, unknown ids not foreseen."""

    def __init__(self) -> None:
        world = World(Path(os.environ[FOLDER]))
        self._model = CatBoost()
        self._model.load_model(str(world.model_path))
        self._items = np.array(world.items)
        self._index = pandas.Index(world.all_ids("integer"))
        self._names = world.context_names

    def scores(self, jobs: Sequence[tuple[Sequence[int], Mapping[str, float]]]) -> list[NDArray[np.float64]]:
        """The scores of each job, which is ids and a context, by one call of CatBoost for all."""
        sizes = [len(ids) for ids, _ in jobs]
        matrix = np.empty((sum(sizes), ITEM_FEATURES + CONTEXT_FEATURES), np.float32, order="F")
        start = 0
        for (ids, context), size in zip(jobs, sizes, strict=True):
            rows = self._index.get_indexer(np.asarray(ids))
            matrix[start : start + size, :ITEM_FEATURES] = self._items[rows]
            matrix[start : start + size, ITEM_FEATURES:] = [context[name] for name in self._names]
            start += size
        scores = self._model.predict(matrix, thread_count=1)
        return np.split(np.asarray(scores, np.float64), np.cumsum(sizes)[:-1])


def best_first(ids: Sequence[int], scores: NDArray[np.float64]) -> dict[str, Any]:
    """The answer: ids and scores as columns, best first."""
    order = np.argsort(-scores, kind="stable")
    return {"items": np.asarray(ids)[order].tolist(), "scores": scores[order].tolist()}
