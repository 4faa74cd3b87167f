"""Rows are divided by the moments of their requests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.calibration.rows import HELD, Rows, parts


def rows(times: list[float], items: int = 3) -> Rows:
    """Requests at these times, some rows each; the score is the row's number."""
    request = np.repeat(np.arange(len(times)), items)
    count = len(request)
    return Rows(
        np.repeat(np.array(times, dtype=float), items),
        request,
        np.arange(count, dtype=float),
        np.zeros(count),
        np.ones(count),
    )


def test_some_of_the_rows() -> None:
    """All columns alike, and requests are counted once."""
    found = rows([1.0, 2.0]).only(np.array([True, False, False, True, True, False]))
    assert found.score.tolist() == [0, 3, 4]
    assert found.request.tolist() == [0, 1, 1]
    assert found.time.tolist() == [1, 2, 2]
    assert (len(found.outcome), len(found.weight), found.requests) == (3, 3, 2)


@given(st.lists(st.integers(0, 8), min_size=1, max_size=40))
def test_the_later_part_is_a_third_and_no_moment_is_divided(times: list[int]) -> None:
    """But for requests of the boundary's own moment, which all come later."""
    earlier, later = parts(rows([float(each) for each in times]))
    assert sorted([*earlier.score, *later.score]) == list(range(3 * len(times)))
    assert not set(earlier.time) & set(later.time)
    assert max(earlier.time, default=-1.0) < min(later.time)
    assert later.requests >= HELD * len(times) - 0.5
    tied = times.count(int(min(later.time)))
    assert later.requests <= HELD * len(times) + 0.5 + tied


@pytest.mark.parametrize(("count", "later"), [(3, 1), (9, 3), (100, 33)])
def test_of_distinct_moments_a_third_is_later(count: int, later: int) -> None:
    assert parts(rows([float(each) for each in range(count)]))[1].requests == later


def test_no_rows_are_two_empty_parts() -> None:
    earlier, later = parts(rows([]))
    assert len(earlier.time) == len(later.time) == 0
