"""Stretches of the time, and how sure a mean of one is."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.labelled import ALPHA
from models.gate.stretches import STRETCHES, bound, deviation, side, stretches
from tests.models.gate.rows import changed, drawn


def test_stretches_are_named_by_their_place() -> None:
    """Two to six tenths, at every place; of the rows where the order is not that of time."""
    rows = drawn(count=200, size=2)
    found = dict(stretches(rows))
    assert len(found) == len(STRETCHES) == 35
    assert found["in the first 30% of the time"].sum() == 30
    assert found["in the last 20% of the time"].nonzero()[0].tolist() == [*range(80, 100)]
    assert found["from 10% to 70% of the time"].sum() == 60
    assert "in the first 20% of the rows" in dict(stretches(changed(rows, timed=False)))


def test_a_bound_is_that_of_its_tests() -> None:
    """One-sided, by Bonferroni."""
    assert bound(1, 0.025) == pytest.approx(1.96, abs=0.001)
    assert bound(100) == pytest.approx(bound(1, ALPHA / 100))


def test_neighbours_that_resemble_each_other_make_a_mean_less_sure() -> None:
    """Of 400 simulated means 95% lie within 1.96 errors; a jump adds nothing."""
    draw = np.random.default_rng(0)
    every = np.ones(1000, bool)
    means = []
    for _ in range(400):
        values = np.convolve(draw.normal(size=1004), np.ones(5), "valid")
        found = side(values, every)
        means.append(abs(found.mean) < 1.96 * found.error)
    share, error = float(np.mean(means)), float(np.sqrt(0.05 * 0.95 / 400))
    print(f"{share:.3f} of 400 inside, {error:.3f} is one standard error")
    assert share > 0.95 - 4 * error - 0.03  # the deviation is estimated from 39 differences
    single = draw.normal(size=1000)
    jump = single + np.where(np.arange(1000) < 300, 0.5, 0)
    assert deviation(single) < 1.25
    assert deviation(jump) < 1.35


def test_one_request_is_no_side() -> None:
    """It can't be sure of anything."""
    assert side(np.arange(10.0), np.arange(10) < 1).error == np.inf
