"""A table's requests: one row each, in time order, bounded."""

from __future__ import annotations

import numpy as np
import pytest

from models.contexts import table_requests
from models.contexts.table_requests import layout_of, requests_of
from tests.models.contexts.town import HOUR, table


def test_requests_are_rows_in_time_order() -> None:
    own = table()
    layout = layout_of(own, own.train)
    found = requests_of(own, own.train, layout)
    assert len(found) == own.train.sum() // 4 == len(found.kinds)
    assert found.times is not None
    assert (np.diff(found.times) >= 0).all()
    assert found.every == HOUR
    queue = layout.context_names.index("queue")
    assert found.contexts[0, queue] == own.values["queue"][0]
    assert found.candidates.shape == (len(found), 2 + 3)
    assert set(found.kinds) == {("dock",), ("mall",), ("park",)}


def test_the_latest_count_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    own = table()
    layout = layout_of(own, own.train)
    whole = requests_of(own, own.train, layout)
    monkeypatch.setattr(table_requests, "MOST_REQUESTS", 100)
    latest = requests_of(own, own.train, layout)
    assert np.array_equal(latest.contexts, whole.contexts[-100:], equal_nan=True)
    monkeypatch.setattr(table_requests, "MOST_ROWS", 50)
    assert len(requests_of(own, own.train, layout)) == 12
