"""Intervals of rows that are dependent inside their block."""

from __future__ import annotations

import numpy as np

from models.gate.blocks import correlation, mean

TIMES, ALPHA = 2000, 0.05


def test_copies_of_a_block_are_one_observation() -> None:
    """Rows that are repeated in their block say no more than before."""
    draw = np.random.default_rng(0)
    values, other, blocks = draw.normal(size=40), draw.normal(size=40), np.arange(40)
    many = [np.repeat(each, 25) for each in (values, other, blocks)]
    assert np.isclose(mean(values, blocks, ALPHA).half, mean(many[0], many[2], ALPHA).half)
    wide = correlation(many[0], many[1], many[2], ALPHA)
    narrow = correlation(many[0], many[1], np.arange(1000), ALPHA)
    assert wide[1] - wide[0] > 3 * (narrow[1] - narrow[0])


def test_bounds_are_passed_as_often_as_they_say() -> None:
    """Means of 25 blocks of 4 rows that share half of their variance: 5% are surely above 0 by chance.

    Of 2,000 the tolerance is four standard deviations: 2 points.
    """
    draw, blocks = np.random.default_rng(1), np.repeat(np.arange(25), 4)
    above = 0
    for _ in range(TIMES):
        found = mean(np.repeat(draw.normal(size=25), 4) + draw.normal(size=100), blocks, ALPHA)
        above += found.value > found.half
    assert abs(above / TIMES - ALPHA) < 0.02, above


def test_one_block_says_nothing() -> None:
    assert mean(np.ones(9), np.zeros(9, np.int64), ALPHA).half == np.inf
    assert mean(np.empty(0), np.empty(0, np.int64), ALPHA).half == np.inf
