"""Columns as counts: every value has its bin, and distances are 0 for the same and 1 for disjoint."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.drift.bins import (
    MOST_CATEGORIES,
    MOST_POINTS,
    block_counts,
    category_codes,
    numeric_codes,
    rank_distance,
    share_distance,
)


def test_distances_are_zero_for_the_same_and_one_for_disjoint() -> None:
    same = np.array([[3.0, 0, 5, 2]], dtype=np.float32)
    apart = np.array([[0, 9.0, 0, 0]], dtype=np.float32)
    only = np.array([[7.0, 0, 0, 0]], dtype=np.float32)
    for distance in (rank_distance, share_distance):
        assert distance(same, same * 4)[0] == pytest.approx(0, abs=1e-7)
        assert distance(only, apart)[0] == pytest.approx(1)
        assert distance(same, apart)[0] == pytest.approx(distance(apart, same)[0])
    empty = np.zeros((1, 4), dtype=np.float32)
    assert math.isfinite(rank_distance(empty, same)[0])


def test_bins_of_numbers_keep_order_and_tell_points_from_gaps() -> None:
    codes, bins = numeric_codes(np.array([0.0, 0.0, 5.0, np.nan, -np.inf, np.inf]))
    assert bins == 2 * 4 + 2
    assert codes.tolist() == [3, 3, 5, 9, 1, 7]
    codes, bins = numeric_codes(np.full(4, np.nan))
    assert set(codes.tolist()) == {bins - 1}


def test_bins_of_categories_are_bounded_and_rare_ones_share_one() -> None:
    values = pd.Series([f"tail-{k}" for k in range(500)] + ["UA"] * 10 + [None])
    codes, bins = category_codes(values)
    assert bins == MOST_CATEGORIES + 2
    assert codes[505] == 0, "the most frequent first"
    assert codes[510] == bins - 1
    assert (codes == MOST_CATEGORIES).sum() == 500 - (MOST_CATEGORIES - 1)


@given(st.lists(st.floats(), min_size=1, max_size=300))
def test_bins_of_numbers_are_in_the_numbers_order(values: list[float]) -> None:
    """A larger number never has a smaller bin; equal ones share theirs; there are never many bins."""
    array = np.array(values)
    codes, bins = numeric_codes(array)
    assert bins <= 2 * MOST_POINTS + 2
    assert ((codes >= 0) & (codes < bins)).all()
    assert (codes[np.isnan(array)] == bins - 1).all()
    order = np.argsort(array[~np.isnan(array)], kind="stable")
    assert (np.diff(codes[~np.isnan(array)][order]) >= 0).all()


def test_counts_are_by_block_and_bin() -> None:
    """Rows of three blocks over two bins; a block may have none."""
    counts = block_counts(np.array([0, 0, 2, 2, 2]), np.array([0, 1, 1, 1, 0]), (3, 2))
    assert counts.tolist() == [[1, 1], [0, 0], [1, 2]]
    assert counts.dtype == np.float32


def test_a_rank_distance_does_not_know_the_unit() -> None:
    """Only the order of bins counts, and a share that goes missing counts as such."""
    here = np.array([[5.0, 0, 5, 0, 0]], np.float32)
    half_missing = np.array([[2.5, 0, 2.5, 0, 5]], np.float32)
    assert rank_distance(here, half_missing)[0] == pytest.approx(0.5)
    assert share_distance(here, half_missing)[0] == pytest.approx(0.5)
    near, far = np.array([[0.0, 10, 0, 0]], np.float32), np.array([[0.0, 0, 10, 0]], np.float32)
    start = np.array([[10.0, 0, 0, 0]], np.float32)
    assert rank_distance(start, near)[0] == rank_distance(start, far)[0] == pytest.approx(1)
