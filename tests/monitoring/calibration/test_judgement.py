"""What may serve: what fits later outcomes better, and keeps the scores apart and in order."""

from __future__ import annotations

import numpy as np
import pytest

from monitoring.calibration.correction import Additive, Isotonic
from monitoring.calibration.judgement import Between, judge
from monitoring.calibration.logistic import log_odds, probability
from monitoring.calibration.rows import Rows, parts
from tests.monitoring.calibration.worlds import shifted


def test_a_collapse_and_a_fall_are_refused() -> None:
    """Whatever came to be fitted: nearly constant, turned round, not finite."""
    rows = parts(shifted(3))[1]
    flat = Isotonic((0.0, 1.0), (0.3, 0.300001))
    fall = Isotonic((0.0, 0.5, 1.0), (0.2, 0.9, 0.1))
    assert any("nearly constant" in each for each in judge(flat, rows, None, 1).reasons)
    assert any("turns scores round" in each for each in judge(fall, rows, None, 1).reasons)
    assert any("no probabilities" in each for each in judge(Additive(float("nan")), rows, None, 1).reasons)


def test_a_correction_is_held_against_what_serves_now() -> None:
    """The same curve again is no better than itself; over the raw scores it is."""
    rows = parts(shifted(5))[1]
    right = Additive(float(np.exp(0.8)))
    assert judge(right, rows, None, 1).passed
    again = judge(right, rows, right, 1)
    assert (again.loss, again.excess) == (Between(0.0, 0.0, 0.0), again.excess_now)
    assert again.reasons == (
        "later outcomes fit it no better: log loss +0.0000 (+0.0000 to +0.0000) against what serves",
    )


def test_figures_are_weighted_means() -> None:
    """Excess is score less outcome, loss the difference of log losses, moved how far scores went."""
    draw = np.random.default_rng(6)
    score, outcome = draw.uniform(0.2, 0.8, 60), (draw.random(60) < 0.5).astype(float)
    weight = draw.integers(1, 4, 60).astype(float)
    rows = Rows(np.arange(60.0), np.arange(60) // 3, score, outcome, weight)
    found = judge(Additive(2.0), rows, None, 1)
    new = probability(log_odds(score) + np.log(2))
    for figure, values in (
        (found.excess_now.value, score - outcome),
        (found.excess.value, new - outcome),
        (found.moved, np.abs(new - score)),
        (found.loss.value, np.log(np.where(outcome == 1, score / new, (1 - score) / (1 - new)))),
    ):
        assert figure == pytest.approx(np.average(values, weights=weight), abs=1e-6)
    assert (found.rows, found.requests) == (60, 20)
    assert found.excess.low < found.excess.value < found.excess.high


def test_a_figure_is_printed_with_its_interval() -> None:
    assert str(Between(0.5, -0.25, 1.0)) == "+0.5000 (-0.2500 to +1.0000)"
