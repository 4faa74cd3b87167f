"""Sums by block: order, neighbours added up, blocks without weight."""

from __future__ import annotations

import numpy as np

from monitoring.drift.series import Series


def series() -> Series:
    time = np.array([3.0, 1.0, 2.0, 5.0, 4.0])
    return Series("rate", time, time * 10, np.array([1.0, 1.0, 0.0, 2.0, 1.0]), time > 3)


def test_blocks_in_time_and_those_with_a_weight() -> None:
    assert series().in_time().sums.tolist() == [10, 20, 30, 40, 50]
    assert series().known().time.tolist() == [3, 1, 5, 4]
    assert series().in_time().current.tolist() == [False, False, False, True, True]


def test_neighbours_are_added_up() -> None:
    """No sum and no weight is lost."""
    few = series().in_time().merged(2)
    assert few.time.tolist() == [1, 4]
    assert few.sums.tolist() == [60, 90]
    assert few.weights.tolist() == [2, 3]
    assert series().merged(5).time.tolist() == series().time.tolist()
