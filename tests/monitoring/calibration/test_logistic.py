"""The two regressions on log odds, against scikit-learn and their own definitions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from monitoring.calibration.logistic import log_odds, probability, shift_of, slope_of


def drawn(seed: int, rows: int = 800) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log odds, outcomes of another slope and intercept, and weights from 0 to 3."""
    draw = np.random.default_rng(seed)
    odds = draw.standard_normal(rows)
    outcomes = (draw.random(rows) < probability(0.6 * odds - 0.9)).astype(float)
    return odds, outcomes, draw.integers(0, 4, rows).astype(float)


def test_the_weighted_regression_is_scikit_learns() -> None:
    """Unpenalised; wherever Newton begins."""
    odds, outcomes, weight = drawn(0)
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(odds[:, None], outcomes, weight)
    expected = (fitted.intercept_[0], fitted.coef_[0, 0])
    for start in ((0.0, 1.0), (-0.5, 0.3)):
        assert slope_of(odds, outcomes, weight, start) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("times", [3.0, 4.0, 10.0])
def test_overconfident_scores_have_a_slope(times: float) -> None:
    """From the slope 1 the steps overshoot where probabilities are that sure of themselves."""
    odds, outcomes, weight = drawn(2)
    own, slope = slope_of(odds, outcomes, weight, (0.0, 1.0))
    assert slope_of(times * odds, outcomes, weight, (0.0, 1.0)) == pytest.approx((own, slope / times))


def test_a_regression_that_does_not_settle_is_nan() -> None:
    """Scores all alike have no slope, and outcomes that a threshold tells apart an infinite one."""
    odds, outcomes, weight = drawn(1)
    for x, y in ((np.full(800, 0.3), outcomes), (odds, (odds > 0).astype(float))):
        assert all(math.isnan(each) for each in slope_of(x, y, weight, (0.0, 1.0)))


@pytest.mark.parametrize("start", [0.0, 30.0, -30.0])
def test_the_shift_makes_the_mean_score_the_mean_outcome(start: float) -> None:
    """From a start that is far off, too: a step is held to 2."""
    odds, outcomes, weight = drawn(2)
    shift = shift_of(odds, outcomes, weight, start)
    assert np.average(probability(odds + shift), weights=weight) == pytest.approx(
        np.average(outcomes, weights=weight), abs=1e-9
    )


@pytest.mark.parametrize(("outcome", "shift"), [(0.0, -math.inf), (1.0, math.inf)])
def test_outcomes_all_alike_shift_without_end(outcome: float, shift: float) -> None:
    """Of the rows that weigh anything."""
    outcomes, weight = np.array([outcome, outcome, 1 - outcome]), np.array([1.0, 2.0, 0.0])
    assert shift_of(np.zeros(3), outcomes, weight, 0.0) == shift


@given(st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=20))
def test_log_odds_and_probability_undo_each_other(values: list[float]) -> None:
    p = np.array(values)
    assert probability(log_odds(p)) == pytest.approx(p, abs=1e-12)


def test_certainty_has_finite_log_odds() -> None:
    """As if it were a millionth from certain; and a probability is exact at the ends."""
    assert log_odds(np.array([0.0, 1.0, 1e-9])) == pytest.approx([-13.8155, 13.8155, -13.8155], abs=1e-4)
    assert probability(np.array([-1000.0, 0.0, 1000.0])) == pytest.approx([0.0, 0.5, 1.0], abs=1e-15)
