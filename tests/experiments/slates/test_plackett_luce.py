"""Plackett-Luce draws and their propensities at the first positions."""

from collections import Counter, defaultdict
from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.config.live import Exploration
from experiments.slates import plackett_luce
from experiments.slates.explore import explore


def enumerated(weights: np.ndarray) -> dict[tuple[int, int], float]:
    """P(item at position) by going through all orders: the definition itself."""
    found: dict[tuple[int, int], float] = defaultdict(float)
    for order in permutations(range(len(weights))):
        probability = 1.0
        for place, item in enumerate(order):
            probability *= weights[item] / weights[list(order[place:])].sum()
        for position, item in enumerate(order):
            found[item, position] += probability
    return found


@given(st.lists(st.floats(-8, 8), min_size=1, max_size=6), st.sampled_from([0.3, 1.0, 5.0]))
@settings(max_examples=60)
def test_marginals_equal_the_enumeration(scores: list[float], temperature: float) -> None:
    """Every item at every position, to 1e-9."""
    log_weight = plackett_luce.log_weights(np.array(scores), temperature)
    truth = enumerated(np.exp(log_weight))
    for order in list(permutations(range(len(scores))))[:40]:
        found = plackett_luce.marginals(log_weight, np.array(order))
        expected = [truth[item, position] for position, item in enumerate(order)]
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_first_positions_of_a_long_slate() -> None:
    """300 items: the first position is the softmax, the second its closed form; from the eleventh on NaN."""
    scores = np.random.default_rng(1).normal(size=300)
    log_weight = plackett_luce.log_weights(scores, 0.5)
    weight = np.exp(log_weight)
    order = np.argsort(-scores)
    found = plackett_luce.marginals(log_weight, order)
    first, second = order[:2]
    odds = weight / (1 - weight)
    assert found[0] == pytest.approx(weight[first], abs=1e-10)
    assert found[1] == pytest.approx(weight[second] * (odds.sum() - odds[second]), abs=1e-10)
    assert np.isfinite(found[:10]).all()
    assert np.isnan(found[10:]).all()


@pytest.mark.parametrize("share", [0.02, 0.5])
def test_propensities_equal_served_frequencies(share: float) -> None:
    """The mixture as served, each item at each position, within six binomial deviations."""
    exploration = Exploration(share=share, salt="e-1", policy="plackett-luce", temperature=0.7)
    order, scores = np.array([4, 8, 1, 6]), np.array([2.0, 1.5, 0.2, -1.0])
    count = 20_000
    cells: Counter[tuple[int, int]] = Counter()
    claimed: dict[tuple[int, int], float] = {}
    for i in range(count):
        slate = explore(exploration, f"r-{i}", "u", order, scores)
        for cell, propensity in zip(
            enumerate(slate.order.tolist()), slate.propensities.tolist(), strict=True
        ):
            cells[cell] += 1
            assert claimed.setdefault(cell, propensity) == pytest.approx(propensity, abs=1e-12)
    for cell, propensity in claimed.items():
        tolerance = 6 * sqrt(count * propensity * (1 - propensity)) + 1
        assert abs(cells[cell] - count * propensity) < tolerance, (cell, propensity, tolerance)
    for position in range(4):
        assert sum(p for (k, _), p in claimed.items() if k == position) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("top", [2, 3, 9])
def test_top_k_draws_the_best_and_leaves_the_rest(top: int) -> None:
    """Frequencies again; what is below the top is certain."""
    exploration = Exploration(share=0.4, salt="e-1", policy="top-k", top=top)
    order, count, drawn = np.array([4, 8, 1, 6]), 20_000, min(top, 4)
    cells: Counter[tuple[int, int]] = Counter()
    for i in range(count):
        slate = explore(exploration, f"r-{i}", "u", order)
        cells.update(enumerate(slate.order.tolist()))
        expected = np.where(slate.order == order, 0.6, 0.0)[:drawn] + 0.4 / drawn
        np.testing.assert_allclose(slate.propensities[:drawn], expected)
        assert slate.propensities[drawn:].tolist() == [1.0] * (4 - drawn)
    for k, i in np.ndindex(4, 4):
        inside = k < drawn and i < drawn
        p = (0.6 * (k == i) + 0.4 / drawn) if inside else float(k == i)
        assert abs(cells[k, order[i]] - count * p) <= 6 * sqrt(count * p * (1 - p))


@pytest.mark.parametrize("scores", [None, np.array([np.nan] * 3), np.array([1.0, np.inf, 0.0])])
def test_without_sound_scores_all_orders_are_equal(scores: np.ndarray | None) -> None:
    """Under a fallback there are none; the propensity is the uniform one."""
    exploration = Exploration(share=1.0, salt="e-1", policy="plackett-luce", temperature=1.0)
    slate = explore(exploration, "r-1", "u", np.arange(3), scores)
    np.testing.assert_allclose(slate.propensities, 1 / 3, atol=1e-10)


@pytest.mark.parametrize("temperature", [1e-6, 1e6])
def test_extreme_temperatures(temperature: float) -> None:
    """Cold, it is the ranker's order; hot, it is uniform."""
    log_weight = plackett_luce.log_weights(np.array([3.0, 2.0, 1.0]), temperature)
    found = plackett_luce.marginals(log_weight, np.arange(3))
    np.testing.assert_allclose(found, 1.0 if temperature < 1 else 1 / 3, atol=1e-6)
