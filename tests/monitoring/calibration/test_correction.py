"""Corrections repair what they are for, keep the order, and can be undone."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.isotonic import IsotonicRegression

from monitoring.calibration.calibration import CalibrationError
from monitoring.calibration.correction import Additive, Correction, Isotonic, fit_additive, fit_isotonic
from monitoring.calibration.logistic import log_odds, probability
from tests.monitoring.calibration.worlds import calibrated, measured

PROBABILITIES = arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1))


@st.composite
def corrections(draw: st.DrawFn) -> Correction:
    """Of either kind, steep and flat."""
    if draw(st.booleans()):
        return Additive(draw(st.floats(1e-4, 1e4)))
    count = draw(st.integers(2, 12))
    scores, values = (
        np.cumsum(draw(st.lists(st.floats(1e-6, 1), min_size=count, max_size=count))) for _ in range(2)
    )
    return Isotonic(tuple((scores / scores[-1]).tolist()), tuple((values / values[-1]).tolist()))


@given(corrections(), PROBABILITIES)
def test_corrected_scores_are_probabilities_in_the_same_order(found: Correction, scores: np.ndarray) -> None:
    """In floating point too: never one turned round, not by the last bit."""
    corrected = found.apply(np.sort(scores))
    assert ((corrected >= 0) & (corrected <= 1)).all()
    assert (np.diff(corrected) >= 0).all()


@given(corrections(), PROBABILITIES, st.permutations(range(10)))
def test_a_corrected_score_depends_on_itself_alone(
    found: Correction, scores: np.ndarray, order: list[int]
) -> None:
    """One by one, in another order, from disk again: the same bits."""
    whole = found.apply(scores)
    places = np.array([place for place in order if place < len(scores)], dtype=np.int64)
    again = msgspec.json.decode(msgspec.json.encode(found), type=Correction)
    assert again.apply(scores[places]).tolist() == whole[places].tolist()
    assert [again.apply(scores[k : k + 1])[0] for k in range(len(scores))] == whole.tolist()
    assert np.isnan(found.apply(np.array([np.nan]))).all()


@given(st.floats(0.01, 100), arrays(np.float64, 20, elements=st.floats(0.001, 0.999)))
def test_what_is_undone_is_what_it_was(odds: float, scores: np.ndarray) -> None:
    isotonic = Isotonic((0.0, 0.2, 0.5, 1.0), (0.0, 0.1, 0.7, 1.0))
    for found in (Additive(odds), isotonic):
        assert found.undone(found.apply(scores)) == pytest.approx(scores, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=80), st.sampled_from([0, 3, 20])
)
def test_an_anchored_correction_rises_all_the_way_and_is_never_sure(
    rows: list[tuple[float, bool]], least: int
) -> None:
    """Whatever it was fitted on."""
    scores, outcomes = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    if not 0 < outcomes.sum() < len(outcomes):
        return
    found = fit_isotonic(scores, outcomes, None, least).anchored(20)
    assert (np.diff(found.scores) > 0).all()
    assert (np.diff(found.values) > 0).all()
    assert (found.values[0], found.values[-1]) == (0, 1)
    assert all(0 < value < 1 for value in found.values[1:-1])


def test_weights_count_as_rows() -> None:
    draw = np.random.default_rng(0)
    scores, outcomes, weights = draw.random(200), draw.random(200) < 0.3, draw.integers(1, 5, 200)
    twice = [np.repeat(each, weights) for each in (scores, outcomes)]
    assert fit_additive(scores, outcomes, weights).odds == pytest.approx(fit_additive(*twice).odds)
    weighed, repeated = fit_isotonic(scores, outcomes, weights), fit_isotonic(*twice)
    assert weighed.values == pytest.approx(repeated.values)


@pytest.mark.parametrize("kind", [0.0, 1.0])
def test_a_correction_needs_both_kinds(kind: float) -> None:
    for fit in (fit_additive, fit_isotonic):
        with pytest.raises(CalibrationError, match="of 2 outcomes are 1: both kinds are needed"):
            fit([0.2, 0.3], [kind, kind])


def test_an_additive_correction_repairs_a_shift_and_keeps_the_order() -> None:
    """Fitted on one half of the requests, judged on the other."""
    true, outcomes, _ = calibrated(3, requests=1000)
    scores = probability(log_odds(true) + 0.8)
    fitted = fit_additive(scores[:5000], outcomes[:5000])
    assert fitted.shift == pytest.approx(-0.8, abs=0.1)
    after = measured(fitted.apply(scores[5000:]), outcomes[5000:])
    assert after.error.value < 2 * after.error_by_chance
    assert np.array_equal(np.argsort(fitted.apply(scores)), np.argsort(scores))


def test_an_isotonic_correction_repairs_any_monotone_fault() -> None:
    true, outcomes, _ = calibrated(4, requests=1000)
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
