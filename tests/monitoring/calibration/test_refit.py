"""Corrections fitted on earlier outcomes and judged on later ones."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitoring.calibration.calibration import TooLittleData
from monitoring.calibration.correction import Additive, Correction, Isotonic, fit_additive, fit_isotonic
from monitoring.calibration.logistic import log_odds, probability
from monitoring.calibration.refit import HELD, Refitted, Rows, fit, judge, parts, refit
from tests.proofs.flights_calibration import KINDS, Kind, Year, by_month, followed, year

CLOSE = 4.0  # standard errors

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


def world(seed: int, requests: int = 400, shift: float = 0.8, later: float | None = None) -> Rows:
    """Requests of ten over as many minutes; the world is off by `shift`, in the later part by `later`."""
    draw = np.random.default_rng(seed)
    request = np.repeat(np.arange(requests), 10)
    score = probability(draw.standard_normal(len(request)) - 1)
    held = request >= (1 - HELD) * requests
    off = np.where(held, shift if later is None else later, shift)
    outcome = (draw.random(len(request)) < probability(log_odds(score) + off)).astype(float)
    return Rows(request * 60.0, request, score, outcome, np.ones(len(request)))


def refitted(
    rows: Rows, kind: Kind = "additive", now: Correction | None = None, most: float = 0.3
) -> Refitted:
    found = refit(rows, kind, now, 500, most)
    assert isinstance(found, Refitted), found
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_shifted_world_is_followed(kind: Kind) -> None:
    """Fitted on the earlier requests alone; later ones say that it is better."""
    rows = world(0)
    found = refitted(rows, kind)
    assert found.judged.passed, found.judged.reasons
    assert found.judged.loss.high < 0
    assert found.judged.excess.low <= 0 <= found.judged.excess.high
    assert found.judged.excess_now.high < 0
    assert found.requests + found.judged.requests == 400
    earlier, later = parts(rows)
    assert earlier.time.max() < later.time.min()
    assert found.correction == fit(earlier, kind)


def test_what_no_longer_holds_is_refused() -> None:
    """The world came back in the later part: what was learnt before is farther off than nothing."""
    judged = refitted(world(1, later=0.0)).judged
    assert "later outcomes fit it no better: log loss +0." in judged.reasons[0]
    assert judged.reasons[1].startswith("on the whole it is farther off than what serves: +0.")


def test_bounds_are_held() -> None:
    assert refitted(world(2, shift=2.0), most=0.05).judged.reasons[-1].startswith("it moves scores by 0.3")
    assert refitted(world(2, shift=2.0), most=0.5).judged.passed


def test_a_collapse_and_a_fall_are_refused() -> None:
    """Whatever came to be fitted: nearly constant, turned round, not finite."""
    rows = parts(world(3))[1]
    flat = Isotonic((0.0, 1.0), (0.3, 0.300001))
    fall = Isotonic((0.0, 0.5, 1.0), (0.2, 0.9, 0.1))
    assert any("nearly constant" in each for each in judge(flat, rows, None, 1).reasons)
    assert any("turns scores round" in each for each in judge(fall, rows, None, 1).reasons)
    assert any("no probabilities" in each for each in judge(Additive(float("nan")), rows, None, 1).reasons)


def test_too_little_data_is_an_answer() -> None:
    rows = world(4, requests=40)
    assert refit(rows, "additive", None, 500, 0.2) == TooLittleData(
        "too little data to say: 400 matured outcomes, and at least 500 are needed"
    )
    never = rows._replace(outcome=np.zeros(len(rows.time)))
    assert "0 of 270 outcomes of the earlier part are 1" in str(refit(never, "additive", None, 100, 0.2))
    nothing = rows.only(np.zeros(len(rows.time), bool))
    assert "0 matured outcomes" in str(refit(nothing, "additive", None, 100, 0.2))


def test_a_healthy_model_is_seldom_moved_and_never_far() -> None:
    """60 worlds in which the model is right: what passes by luck is off by no more than its own noise."""
    moved = [
        found.judged.moved for seed in range(60) if (found := refitted(world(seed, shift=0.0))).judged.passed
    ]
    print(f"{len(moved)} of 60 passed, moving scores by {max(moved):.4f} at the most")
    # The shift's deviation is 1 / sqrt(2,670 rows x 0.17), and a score moves by 0.17 of it on average.
    assert max(moved) < CLOSE * 0.17 / np.sqrt(2670 * 0.17)
    assert len(moved) <= 30


def test_a_year_that_drifts_is_followed_from_one_percent() -> None:
    """Nine made-up months, each off by another amount: the largest of them is more than halved."""
    draw = np.random.default_rng(5)
    days, hours, items = 275, 60, 15
    request = np.repeat(np.arange(days * hours), items)
    time = (
        np.datetime64("2013-04-01", "s").astype(float) + request // hours * 86_400.0 + request % hours * 900
    )
    score = probability(draw.standard_normal(len(request)) - 1)
    made = Year(time, time + 3600, request, score, np.zeros(len(request)))
    off = np.array([0.9, 0.9, 0.6, 0.6, -0.6, -0.6, 0.0, 0.0, 0.9])[made.month - 4]
    outcome = (draw.random(len(request)) < probability(log_odds(score) + off)).astype(float)
    made = Year(time, time + 3600, request, score, outcome)
    for kind in KINDS:
        before = max(abs(month.excess) for month in by_month(made, made.score).values())
        after = max(abs(month.excess) for month in by_month(made, followed(made, kind).served).values())
        print(f"{kind}: largest excess {before:.3f}, followed {after:.3f}")
        assert after < before / 2


@pytest.mark.slow
def test_the_flights_are_followed(tmp_path: Path) -> None:
    """The mean monthly calibration error is lower, beyond what the draw of the slice makes of it."""
    found = year(tmp_path)
    none = float(np.mean([month.error for month in by_month(found, found.score).values()]))
    for kind in KINDS:
        served = [followed(found, kind, seed=seed).served for seed in range(24)]
        errors = [np.mean([month.error for month in by_month(found, each).values()]) for each in served]
        noise = float(np.std(errors, ddof=1) / np.sqrt(len(errors)))
        print(f"{kind}: {none:.4f} without, {np.mean(errors):.4f} ± {noise:.4f} with")
        assert np.mean(errors) < none - CLOSE * noise
