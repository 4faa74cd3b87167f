"""Calibration is measured with honest intervals, and corrections repair what they are for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from monitoring.calibration.calibration import Calibration, CalibrationError, TooLittleData, measure
from monitoring.calibration.correction import fit_additive, fit_isotonic
from monitoring.calibration.logistic import log_odds, probability


def world(seed: int, requests: int = 300, items: int = 10, luck: float = 0.0) -> tuple[np.ndarray, ...]:
    """(true probabilities, outcomes, requests); `luck` is what a request's rows share."""
    rng = np.random.default_rng(seed)
    request = np.repeat(np.arange(requests), items)
    odds = rng.standard_normal(requests * items) * 1.2 - 1.2
    true = probability(odds)
    seen = probability(odds + luck * rng.standard_normal(requests)[request])
    return true, (rng.random(len(true)) < seen).astype(float), request


def measured(*arguments: object) -> Calibration:
    found = measure(*arguments)  # type: ignore[arg-type]
    assert isinstance(found, Calibration), found
    return found


def test_the_slope_is_that_of_a_logistic_regression() -> None:
    """Against scikit-learn's, unpenalised."""
    true, outcomes, _ = world(0)
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
    true, outcomes, request = world(1, requests=600)
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
    true, outcomes, request = world(2)
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


@pytest.mark.parametrize("kind", [0.0, 1.0])
def test_a_correction_needs_both_kinds(kind: float) -> None:
    for fit in (fit_additive, fit_isotonic):
        with pytest.raises(CalibrationError, match="of 2 outcomes are 1: both kinds are needed"):
            fit([0.2, 0.3], [kind, kind])


def test_an_additive_correction_repairs_a_shift_and_keeps_the_order() -> None:
    """Fitted on one half of the requests, judged on the other."""
    true, outcomes, _ = world(3, requests=1000)
    scores = probability(log_odds(true) + 0.8)
    fitted = fit_additive(scores[:5000], outcomes[:5000])
    assert fitted.shift == pytest.approx(-0.8, abs=0.1)
    after = measured(fitted.apply(scores[5000:]), outcomes[5000:])
    assert after.error.value < 2 * after.error_by_chance
    assert np.array_equal(np.argsort(fitted.apply(scores)), np.argsort(scores))


def test_an_isotonic_correction_repairs_any_monotone_fault() -> None:
    true, outcomes, _ = world(4, requests=1000)
    scores = true**3
    before = measured(scores[5000:], outcomes[5000:])
    after = measured(fit_isotonic(scores[:5000], outcomes[:5000]).apply(scores[5000:]), outcomes[5000:])
    assert before.error.value > 0.1
    assert after.error.value < 0.03


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.9, 1.0]), st.booleans()), min_size=2, max_size=60
    )
)
def test_pooling_gives_the_least_squares_steps(rows: list[tuple[float, bool]]) -> None:
    """At each distinct score the step it lies in is scikit-learn's; steps never fall."""
    scores, outcomes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    if not 0 < outcomes.sum() < len(outcomes):
        return
    fitted = fit_isotonic(scores, outcomes)
    assert np.all(np.diff(fitted.values) > 0)
    assert np.all(np.diff(fitted.scores) > 0)
    expected = IsotonicRegression().fit_transform(scores, outcomes)
    assert np.unique(np.round(expected, 9)).tolist() == pytest.approx(sorted(set(np.round(fitted.values, 9))))
    assert np.all((fitted.apply(scores) >= 0) & (fitted.apply(scores) <= 1))
