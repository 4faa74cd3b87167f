"""What a version was trained on, in a few figures: written by training, compared by the gate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.table.dataset import Table

MOST_VALUES = 50  # of one slice


def training(table: Table) -> dict[str, Any]:
    """Rows, requests, span (unix seconds) and mean label of the training part, and of each slice's values."""
    train = table.train
    found: dict[str, Any] = {
        "rows": int(train.sum()),
        "requests": len(np.unique(table.request[train])),
        "label_mean": float(table.label[train].mean()),
    }
    if table.weight is not None:
        found["weighted_label_mean"] = float(np.average(table.label[train], weights=table.weight[train]))
    if table.time is not None:
        found |= {"from": float(table.time[train].min()), "to": float(table.time[train].max())}
    names = table.declaration.data.slices
    return found | {"slices": {name: _shares(table, _column(table, name)) for name in names}}


def _column(table: Table, name: str) -> NDArray[Any]:
    return np.asarray(table.slice_of(name)[table.train].astype(str))


def _shares(table: Table, values: NDArray[Any]) -> dict[str, dict[str, float]]:
    known, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    sums = np.bincount(place, table.label[table.train], len(known))
    most = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    return {
        str(known[each]): {
            "share": float(counts[each] / len(values)),
            "label_mean": float(sums[each] / counts[each]),
        }
        for each in most.tolist()
    }
