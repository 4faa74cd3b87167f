"""Logged propensities are the frequencies with which orders are served."""

from collections import Counter
from itertools import permutations
from math import sqrt

import numpy as np
import pytest

from experiments.config.live import Exploration
from experiments.slates.explore import Slate, explore, permutation


def slice_(**settings: object) -> Exploration:
    """An exploration slice, checked."""
    return Exploration.model_validate({"share": 0.01, "salt": "explore-1", **settings})


def served(exploration: Exploration, order: list[int], count: int) -> list[Slate]:
    """What `count` requests by as many units get."""
    greedy = np.asarray(order, np.int64)
    return [explore(exploration, f"request-{i}", f"unit-{i}", greedy) for i in range(count)]


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("per", ["request", "unit"])
def test_propensities_equal_served_frequencies(share: float, per: str) -> None:
    """Every item at every position, within six binomial deviations of 20,000 requests."""
    order, count = [7, 3, 9, 1], 20_000
    slates = served(slice_(share=share, per=per), order, count)
    cells = Counter((k, item) for slate in slates for k, item in enumerate(slate.order.tolist()))
    for k, item in np.ndindex(4, 4):
        probability = (1 - share) * (k == item) + share / 4
        tolerance = 6 * sqrt(count * probability * (1 - probability)) + 1
        assert abs(cells[k, order[item]] - count * probability) <= tolerance, (k, order[item], tolerance)
    for slate in slates[:2_000]:
        greedy = slate.order == np.asarray(order)
        np.testing.assert_allclose(slate.propensities, (1 - share) * greedy + share / 4, rtol=1e-15)


def test_share_of_explored_answers_is_the_declared_one() -> None:
    """1% of 50,000, within six deviations; and they are hashed, so the same ones every time."""
    first = [slate.explored for slate in served(slice_(), [0, 1, 2], 50_000)]
    assert abs(sum(first) - 500) < 6 * sqrt(500 * 0.99)
    assert first[:2_000] == [slate.explored for slate in served(slice_(), [0, 1, 2], 2_000)]


def test_all_orders_are_equally_likely() -> None:
    """24 orders, 24,000 draws: chi-squared below 23 + 6·√46."""
    counts = Counter(tuple(permutation("salt", f"r-{i}", 4).tolist()) for i in range(24_000))
    assert set(counts) == set(permutations(range(4)))
    assert sum((count - 1_000) ** 2 / 1_000 for count in counts.values()) < 23 + 6 * sqrt(46)


def test_a_draw_is_fixed_for_good() -> None:
    """A record can be drawn again later: these figures may never change for these salts."""
    assert permutation("explore-1", "request-1", 8).tolist() == FIXED


FIXED = [1, 5, 0, 4, 6, 7, 3, 2]


def test_nothing_is_drawn_at_zero_and_everything_at_one() -> None:
    """The edges of the share."""
    assert not any(slate.explored for slate in served(slice_(share=0.0), [0, 1], 5_000))
    assert all(slate.explored for slate in served(slice_(share=1.0), [0, 1], 5_000))
    certain = explore(None, "r", "u", np.arange(3))
    assert (certain.explored, certain.propensities.tolist()) == (False, [1.0, 1.0, 1.0])


@pytest.mark.parametrize("n", [0, 1, 5_000])
def test_slates_of_any_length(n: int) -> None:
    """Empty and single ones too: the same items, propensities of one entry an item."""
    for share in (0.01, 1.0):
        slate = explore(slice_(share=share), "request-1", "u", np.arange(n)[::-1].copy())
        assert sorted(slate.order.tolist()) == list(range(n))
        assert slate.propensities.shape == (n,)
        assert bool(np.all(slate.propensities > 0))
    if n == 1:
        assert slate.propensities.tolist() == [1.0]


def test_per_unit_a_unit_is_always_in_the_slice_or_never() -> None:
    """Its orders still differ by request."""
    exploration = slice_(share=0.5, per="unit")
    for unit in ("u-1", "u-2", "u-3", "u-4", "u-5"):
        slates = [explore(exploration, f"r-{i}", unit, np.arange(6)) for i in range(30)]
        assert len({slate.explored for slate in slates}) == 1
        if slates[0].explored:
            assert len({tuple(slate.order.tolist()) for slate in slates}) > 20


def test_the_draw_is_independent_of_the_choice_of_the_slice() -> None:
    """Among the 1% explored, orders are as uniform as among all: chi-squared of 6 below 5 + 6·√10."""
    slates = [slate for slate in served(slice_(), [0, 1, 2], 60_000) if slate.explored]
    counts = Counter(tuple(slate.order.tolist()) for slate in slates)
    expected = len(slates) / 6
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < 5 + 6 * sqrt(10)
