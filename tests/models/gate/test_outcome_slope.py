"""By how much outcomes change where scores do."""

from __future__ import annotations

import numpy as np
import pytest

from models.gate.outcome_slope import log_odds, outcome_slope, slope
from tests.models.gate.subjects import requests

DRAW = np.random.default_rng(4)


@pytest.mark.parametrize("times", [0.2, 1.0, 5.0])
def test_scores_that_predict_labels_have_the_slope_one(times: float) -> None:
    """Inside requests, whose own levels say nothing; others have the inverse of their size."""
    level = np.repeat(DRAW.normal(0, 10, 200), 8)
    right = DRAW.normal(size=1600)
    window = requests([8] * 200, right + DRAW.normal(size=1600) + level)
    moved = outcome_slope(times * right - level, window, ranks=True)
    assert moved.value == pytest.approx(outcome_slope(times * right, window, ranks=True).value)
    centred = outcome_slope(times * right, window, ranks=True)
    assert centred.low < 1 / times < centred.high
    assert centred.high - centred.low < 0.3 / times


def test_two_classes_are_compared_as_log_odds() -> None:
    """Of single rows; four times the log-odds have a quarter of the slope."""
    logits = DRAW.normal(0, 1, 3000)
    truth = DRAW.random(3000) < 1 / (1 + np.exp(-logits))
    window = requests([1] * 3000, truth.astype(float), positive=truth)
    sure = outcome_slope(1 / (1 + np.exp(-4 * logits)), window, ranks=False)
    assert sure == slope(1 / (1 + np.exp(-4 * logits)), truth)
    assert sure.low < 0.25 < sure.high


def test_scores_that_are_all_equal_leave_it_open() -> None:
    found = outcome_slope(np.zeros(40), requests([8] * 5, DRAW.normal(size=40)), ranks=True)
    assert (found.low, found.high) == (-np.inf, np.inf)


def test_log_odds_have_an_end() -> None:
    """Certainty is a million to one."""
    np.testing.assert_allclose(log_odds(np.array([0.5, 0.9])), [0, np.log(9)])
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
