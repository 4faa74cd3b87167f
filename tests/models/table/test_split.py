"""Which rows train and which evaluate: edges of windows, shares of time, whole requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration.sections import DataSection
from models.table import split


def section(**keys: Any) -> DataSection:
    return DataSection(source="t.csv", label="y", **keys)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_hash_takes_about_the_share_it_is_told() -> None:
    taken = split.hashed(np.array([f"q{number}" for number in range(20_000)]), 0.2).mean()
    assert abs(taken - 0.2) < 4 * (0.2 * 0.8 / 20_000) ** 0.5


def test_a_larger_share_takes_the_same_names_and_more() -> None:
    names = np.array([f"q{number}" for number in range(1000)])
    assert (split.hashed(names, 0.1) <= split.hashed(names, 0.3)).all()


def test_a_window_has_its_first_moment_and_not_its_last() -> None:
    time = np.array([99.0, 100.0, 150.0, 199.5, 200.0])
    both = section(time="t", from_=at(100), until=at(200))
    assert split.inside(both, time, 5).tolist() == [False, True, True, True, False]
    assert split.inside(section(time="t", from_=at(100)), time, 5).tolist() == [False, True, True, True, True]
    assert split.inside(section(time="t"), time, 5).all()
    assert split.inside(both, None, 5).all()


def test_the_boundary_is_a_share_of_the_windows_time_and_not_of_its_rows() -> None:
    time = np.array([0.0, 90.0, 91.0, 92.0, 100.0])
    assert split.boundary(section(time="t", test_share=0.25), time) == 75.0
    declared = section(time="t", test_share=0.25, from_=at(0), until=at(400))
    assert split.boundary(declared, time) == 300.0


@pytest.mark.parametrize(
    ("train", "test", "wanted"),
    [([1, 1, 0, 0], [0, 0, 1, 1], None), ([1, 1, 1, 0], [0, 0, 0, 1], 1), ([0, 0, 0, 0], [0, 0, 0, 0], None)],
)
def test_a_torn_request_is_the_first_with_rows_in_both_parts(
    train: list[int], test: list[int], wanted: int | None
) -> None:
    request = np.array([0, 0, 1, 1])
    assert split.torn(request, np.array(train, bool), np.array(test, bool)) == wanted


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=30), st.booleans())
def test_the_order_keeps_requests_whole_and_rows_as_they_stood(
    rows: list[tuple[int, int]], timed: bool
) -> None:
    request = np.array([one for one, _ in rows])
    time = np.array([float(moment) for _, moment in rows])
    order = split.order(request, time if timed else None)
    assert sorted(order) == list(range(len(rows)))
    numbered, names = split.renumbered(request[order], np.arange(6))
    np.testing.assert_array_equal(names[numbered], request[order])
    assert len(set(names.tolist())) == len(names)
    for one in names:
        own = order[request[order] == one]
        assert (np.diff(own) > 0).all()
    if timed:
        first = [time[request == one].min() for one in names]
        assert first == sorted(first)
