"""Limits from the data's own noise: as often passed as promised, however many columns there are."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.drift.limits import DIVISIONS, divisions, limits


def test_limits_keep_their_rate_for_many_columns() -> None:
    """200 families of 60 statistics that are noise: 5% of the families pass a limit, not of the columns."""
    rng = np.random.default_rng(3)
    passed = 0
    for _ in range(200):
        draws = rng.gamma(2.0, size=(501, 60))
        found = limits(draws[0], draws[1:], alpha=0.05)
        passed += bool((draws[0] > found.limit).any())
        assert ((found.p < 0.05) == (draws[0] > found.limit)).mean() > 0.95
    assert passed <= 20, "10 expected; more than 20 has probability .001"


def test_divisions_keep_the_sizes() -> None:
    """Every one calls as many blocks current as there are, and no block more often than chance does."""
    chosen = divisions(30, 20, np.random.default_rng(0))
    assert chosen.shape == (DIVISIONS, 50)
    assert (chosen.sum(axis=1) == 20).all()
    spread = 5 * (DIVISIONS * 0.4 * 0.6) ** 0.5  # five standard deviations of a binomial count
    assert np.abs(chosen.sum(axis=0) - DIVISIONS * 0.4).max() < spread


def test_a_small_distance_is_no_drift_however_sure() -> None:
    """The least effect holds where the data's noise is smaller."""
    null = np.full((1000, 1), 0.001)
    assert limits(np.array([0.04]), null, 0.01, least=0.05).limit.tolist() == [0.05]
    assert limits(np.array([0.04]), null, 0.01).limit[0] == pytest.approx(0.001)


def test_a_column_without_noise_has_a_limit_of_its_mean() -> None:
    """Nothing is divided by zero; the smallest p is one in as many divisions as there were, plus one."""
    found = limits(np.array([0.5]), np.zeros((999, 1)), 0.01)
    assert np.isfinite(found.limit).all()
    assert found.p.tolist() == [1 / 1000]
