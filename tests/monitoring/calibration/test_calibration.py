"""Calibration is measured, with intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from monitoring.calibration.calibration import CalibrationError, TooLittleData, measure
from monitoring.calibration.correction import fit_additive, fit_isotonic
from monitoring.calibration.logistic import log_odds, probability
from tests.monitoring.calibration.worlds import calibrated, measured


def test_the_slope_is_that_of_a_logistic_regression() -> None:
    """Against scikit-learn's, unpenalised."""
    true, outcomes, _ = calibrated(0)
    scores = probability(1.7 * log_odds(true) + 0.4)
    found = measured(scores, outcomes)
    odds = log_odds(scores)[:, None]
    assert found.slope.value == pytest.approx(
        LogisticRegression(C=np.inf, tol=1e-10).fit(odds, outcomes).coef_[0, 0], abs=1e-4
    )
    shifted = probability(log_odds(scores) + found.intercept.value)
    assert shifted.mean() == pytest.approx(outcomes.mean(), abs=1e-9)


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda odds: 2 * odds + 1.2, "slope"),  # overconfident, right on average
        (lambda odds: 0.5 * odds - 0.6, "slope"),  # underconfident
        (lambda odds: odds + 0.7, "intercept"),
        (lambda odds: odds - 0.7, "intercept"),
    ],
    ids=["overconfident", "underconfident", "too high", "too low"],
)
def test_each_fault_shows_in_its_figure(spoil: object, what: str) -> None:
    true, outcomes, request = calibrated(1, requests=600)
    found = measured(probability(spoil(log_odds(true))), outcomes, request)  # type: ignore[operator]
    figure, healthy = (found.slope, 1.0) if what == "slope" else (found.intercept, 0.0)
    assert not figure.low <= healthy <= figure.high
    assert found.error.value > 3 * found.error_by_chance


def test_intervals_hold_what_they_promise_also_for_rows_that_share_luck() -> None:
    """40 worlds: 95% intervals of the excess hold 0 in at least 33; by rows they would hold far fewer."""
    by_request = by_row = 0
    for seed in range(40):
        rng = np.random.default_rng(1000 + seed)
        request = np.repeat(np.arange(150), 10)
        base = rng.beta(1, 4, 150)[request]  # each request's own rate; the score is the mean of all
        outcomes = (rng.random(1500) < base).astype(float)
        scores = np.full(1500, 0.2)
        for keys in (request, None):
            excess = measured(scores, outcomes, keys).excess
            holds = excess.low <= 0 <= excess.high
            by_request, by_row = by_request + (holds and keys is not None), by_row + (holds and keys is None)
    print(f"intervals that hold the truth, of 40: by request {by_request}, by row {by_row}")
    assert by_request >= 33
    assert by_row < by_request


def test_a_perfect_score_is_not_told_from_chance() -> None:
    true, outcomes, request = calibrated(2)
    found = measured(true, outcomes, request)
    assert found.error.value < 2 * found.error_by_chance
    assert found.slope.low <= 1 <= found.slope.high
    assert found.intercept.low <= 0 <= found.intercept.high
    assert sum(rows for _, _, rows in found.curve) == found.rows == 3000
    assert found.requests == 300


def test_too_little_data_is_an_answer() -> None:
    assert measure([0.2] * 100, [1.0] * 19 + [0.0] * 81) == TooLittleData(
        "too little data to say: 19 of 100 outcomes are 1, and at least 20 of each kind are needed"
    )
    assert "0 of 0 outcomes are 1" in str(measure([], []))


@pytest.mark.parametrize(
    ("scores", "outcomes", "message"),
    [
        ([0.5, 1.5], [0, 1], "score 1.5: only probabilities can be calibrated"),
        ([0.5, np.nan], [0, 1], "score nan: only probabilities"),
        ([0.5, 0.5], [0, 3], "outcome 3.0: an outcome is 0 or 1"),
        ([0.5, 0.5], [0], r"scores \(2,\) and outcomes \(1,\): one of each per row"),
    ],
)
def test_what_is_no_probability_is_refused(scores: list[float], outcomes: list[float], message: str) -> None:
    for use in (measure, fit_additive, fit_isotonic):
        with pytest.raises(CalibrationError, match=message):
            use(scores, outcomes)  # type: ignore[operator]
