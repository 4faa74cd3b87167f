"""Requests of a town as the guard gets them: what its table has after the training's window."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from bentos.control.guard.different_requests import AskedItems, AskedRequest
from models.table.dataset import Table
from tests.models.contexts.town import DRIVERS, table

CONTEXT = ("rain", "queue", "queue_3h", "speed", "sky")
OF_ITEMS = ("rating", "shift_hour", "zone")


@cache
def asked() -> list[AskedRequest]:
    """In the order of their times."""
    own = table()
    first = np.flatnonzero(~(own.train | own.test))[::DRIVERS]
    return [_asked(own, row) for row in first.tolist()]


def changed(requests: list[AskedRequest], contexts: list[dict[str, Any]]) -> list[AskedRequest]:
    """The same requests with other contexts."""
    return [
        AskedRequest(each.time, context, each.snapshot, each.items, each.first)
        for each, context in zip(requests, contexts, strict=True)
    ]


def _asked(own: Table, row: int) -> AskedRequest:
    assert own.time is not None
    context = {name: _plain(own.values[name][row]) for name in CONTEXT}
    rows = slice(row, row + DRIVERS)
    items = AskedItems({name: own.values[name][rows] for name in OF_ITEMS}, DRIVERS, 0.0)
    return AskedRequest(float(own.time[row]), context, "s", items, True)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value or None
    return None if np.isnan(value) else float(value)
