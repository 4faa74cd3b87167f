"""What a version was trained on, in a few figures: written by training, compared by the gate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.table.dataset import Table
from models.table.requests import UNTIMED

MOST_VALUES = 50  # of one slice
MOST_GRADES = 32  # different whole numbers that are grades; more are amounts
SAMPLED = 100_000  # labels among which different ones are counted


def training(table: Table) -> dict[str, Any]:
    """Rows, requests, span (unix seconds) and mean label of the training part, and of each slice's values."""
    train = table.train
    found: dict[str, Any] = {
        "rows": int(train.sum()),
        "requests": len(table.requests_in(train)),
        "label_mean": float(table.label[train].mean()),
    }
    if table.weight is not None:
        found["weighted_label_mean"] = float(np.average(table.label[train], weights=table.weight[train]))
    if table.time is not None:
        found |= {"from": float(table.time[train].min()), "to": float(table.time[train].max())}
    names = table.declaration.data.slices
    return found | {"slices": {name: _shares(table, _column(table, name)) for name in names}}


def table(table: Table) -> dict[str, Any]:
    """What the whole table reaches: first and last time (unix seconds), least and most label.

    Rows that are neither trained nor evaluated on count too: they can be replayed. Labels are `graded` where
    they are few whole numbers, as grades and classes are.
    """
    labels = table.label
    few = np.unique(labels[:: max(1, len(labels) // SAMPLED)])
    graded = bool(len(few) <= MOST_GRADES and (labels == np.floor(labels)).all())
    found: dict[str, Any] = {
        "labels": {"least": float(labels.min()), "most": float(labels.max()), "graded": graded}
    }
    if table.time is None:  # as `real_requests` replays it
        return found | {"from": UNTIMED}
    return found | {"from": float(table.time.min()), "to": float(table.time.max())}


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
