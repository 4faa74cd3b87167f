"""Exchanged contexts: what is alike tells nothing, what is not is a coin unless contexts belong."""

from __future__ import annotations

import numpy as np

from monitoring.guard.exchange import GAIN, LEAD, exchanged, follows


def test_the_share_of_neighbours_that_better_exchanged() -> None:
    """Two of three that tell something; the fourth gains less than the least."""
    own, others = np.array([1.0]), np.array([[1.0, 1.0, 1.0, 1.0]])
    crossed = np.array([[2.0, 2.0, -2.0, 1.0 - GAIN / 3]])
    assert exchanged(own, others, crossed, crossed).tolist() == [2 / 3]


def test_alike_contexts_tell_nothing() -> None:
    same = np.ones((1, 3))
    assert np.isnan(exchanged(np.ones(1), same, same, same)[0])
    assert np.isnan(follows(np.array([1.0]), np.array([1.0 + LEAD / 2]))[0])


def test_contexts_that_belong_to_nobody_are_a_coin() -> None:
    """Whatever the marginals: fits of candidates alone and contexts alone cancel."""
    draw = np.random.default_rng(1)
    n, k = 4000, 1
    fits = [draw.normal(0, 2, (n, k)) for _ in range(4)]
    season, list_ = draw.normal(5, 3, (n, 1)), draw.normal(-2, 3, (n, k))
    found = exchanged(
        fits[0][:, 0] + season[:, 0], fits[1] + list_, fits[2] + season, fits[3] + list_
    )  # fmt: skip
    told = found[~np.isnan(found)]
    assert abs(told.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(told))


def test_the_next_context_fits_better_where_contexts_are_late() -> None:
    late, well = follows(np.zeros(2), np.array([3.0, -3.0]))
    assert late > 0.95
    assert well < 0.05
