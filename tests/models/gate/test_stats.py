"""The gate's statistics agree with other people's code, and with chance where chance is the truth."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from models.gate import stats
from models.training.ranking_metrics import ece
from tests.models.gate.subjects import drawn_requests

DRAW = np.random.default_rng(5)


def test_spearman_is_that_of_scipy() -> None:
    """Ties share mid-ranks; a request whose scores are all equal has no correlation."""
    labels, scores, starts = drawn_requests(DRAW)
    scores[starts[3] : starts[4]] = 7.0
    found = stats.spearman(labels, scores, starts)
    assert np.isnan(found[3])
    for request, (low, high) in enumerate(pairwise(starts)):
        if request != 3 and np.ptp(labels[low:high]) > 0:
            assert found[request] == pytest.approx(spearmanr(labels[low:high], scores[low:high])[0])


def test_auc_is_that_of_scikit_learn() -> None:
    """Ties count half; one class only is no number."""
    labels, scores, _ = drawn_requests(DRAW)
    positive = labels > 2
    parts = stats.auc_by_row(scores, positive)
    area = roc_auc_score(positive, scores)
    assert parts[positive].mean() == pytest.approx(area)
    assert parts[~positive].mean() == pytest.approx(area)
    found = stats.auc(parts, positive)
    assert found.value == pytest.approx(area)
    assert found.low < area < found.high
    nothing = stats.auc_by_row(scores, labels > 9)
    assert stats.auc(nothing, labels > 9).n == 0


def test_the_interval_covers_as_often_as_it_says() -> None:
    """1,000 samples of 200: a 90% interval of the mean covers 0 between 86% and 93% of the time.

    The binomial standard error is 0.9%; the percentile bootstrap of 200 values is up to 1% short.
    """
    covered = 0
    for seed in range(1000):
        sample = np.random.default_rng(seed).exponential(size=200) - 1
        found = stats.mean(sample, level=0.9, draws=400, seed=seed)
        covered += found.low <= 0 <= found.high
    print(f"covered {covered / 1000:.3f}")
    assert 860 <= covered <= 930


def test_the_mean_of_nothing_is_not_a_number() -> None:
    """No finite value: no mean and no interval, and never a number that looks like one."""
    found = stats.mean(np.array([np.nan, np.nan]))
    assert found.n == 0
    assert np.isnan(found[:3]).all()


def test_what_is_kept_of_an_advantage() -> None:
    """Half the advantage over chance is a half; where there is none to keep, nothing can be said."""
    floor = DRAW.uniform(0.2, 0.4, 400)
    best = floor + DRAW.normal(0.2, 0.05, 400)
    half = (best + floor) / 2 + DRAW.normal(0, 0.01, 400)
    found = stats.kept(half, best, floor)
    assert found.low < 0.5 < found.high
    assert found.high - found.low < 0.05
    assert stats.kept(half, floor, floor).n == 0


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_share(successes: int, more: int) -> None:
    """The interval lies in [0, 1], contains the share, and is everything where nothing was tried."""
    low, high = stats.wilson(successes, successes + more)
    assert 0 <= low <= high <= 1
    if successes + more:
        assert low - 1e-12 <= successes / (successes + more) <= high + 1e-12
    else:
        assert (low, high) == (0, 1)


def test_calibration_noise_is_what_a_right_model_shows() -> None:
    """Of probabilities that are right, the error is the noise; of ones a tenth off, a tenth."""
    chance = DRAW.uniform(0.2, 0.8, 20_000)
    outcomes = (DRAW.random(20_000) < chance).astype(float)
    noise = stats.calibration_noise(chance)
    assert noise < 0.02
    assert ece(outcomes, chance) < 3 * noise
    assert ece(outcomes, chance + 0.1) == pytest.approx(0.1, abs=0.02)
