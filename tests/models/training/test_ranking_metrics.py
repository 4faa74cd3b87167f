"""NDCG, AUC and calibration against scikit-learn, by definition where it has none, and their edges."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from sklearn.metrics import ndcg_score, roc_auc_score

from models.training import ranking_metrics

GRADES = st.lists(st.integers(0, 4), min_size=2, max_size=12)


@given(
    st.lists(GRADES, min_size=1, max_size=6), st.sampled_from([1, 3, 10]), st.randoms(use_true_random=False)
)
def test_ndcg_is_scikit_learns_where_no_scores_are_tied(
    groups: list[list[int]], k: int, random: object
) -> None:
    label = np.array(list(itertools.chain(*groups)))
    score = np.random.default_rng(random.randrange(2**32)).permutation(len(label)).astype(float)  # type: ignore[attr-defined]
    starts = np.cumsum([0, *map(len, groups)])
    found = ranking_metrics.ndcg(label, score, starts, k)
    for request, (low, high) in enumerate(itertools.pairwise(starts)):
        if label[low:high].max() == 0:
            assert np.isnan(found[request])
        else:
            wanted = ndcg_score([2.0 ** label[low:high] - 1], [score[low:high]], k=k, ignore_ties=True)
            assert found[request] == pytest.approx(wanted)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), min_size=2, max_size=5), st.integers(1, 5))
def test_ties_get_the_mean_over_all_ways_to_break_them(rows: list[tuple[int, int]], k: int) -> None:
    label, score = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    if label.max() == 0:
        return
    found = ranking_metrics.ndcg(label, score, np.array([0, len(rows)]), k)[0]
    broken = [
        ranking_metrics.ndcg_of_order(label[list(order)], k)
        for order in itertools.permutations(range(len(rows)))
        if all(score[one] >= score[next_] for one, next_ in itertools.pairwise(order))
    ]
    assert found == pytest.approx(np.mean(broken))


def test_a_served_order_is_judged_by_its_labels() -> None:
    assert ranking_metrics.ndcg_of_order(np.array([3, 1, 0]), 10) == 1.0
    assert ranking_metrics.ndcg_of_order(np.array([0, 1]), 10) == pytest.approx(1 / np.log2(3))
    assert np.isnan(ranking_metrics.ndcg_of_order(np.array([0, 0]), 10))
    assert np.isnan(ranking_metrics.ndcg_of_order(np.array([]), 10))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_auc_is_scikit_learns_ties_included(rows: list[tuple[bool, int]]) -> None:
    label, score = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    if len(set(label)) < 2:
        assert np.isnan(ranking_metrics.auc(label, score))
    else:
        assert ranking_metrics.auc(label, score) == pytest.approx(roc_auc_score(label, score))


def test_calibration_error_is_the_weighted_distance_of_the_bins() -> None:
    label = np.array([0.0, 1.0, 1.0, 1.0])
    said = np.array([0.15, 0.15, 0.95, 1.0])
    assert ranking_metrics.ece(label, said) == pytest.approx(0.5 * abs(0.15 - 0.5) + 0.5 * abs(0.975 - 1.0))


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    inside = 0
    for trial in range(200):
        found = ranking_metrics.bootstrap(draw.normal(0.5, 0.2, 120), seed=trial, draws=200)
        inside += found.low <= 0.5 <= found.high
    # Binomial(200, 0.95): four standard deviations below the mean are 178; the bootstrap loses a little.
    assert 174 <= inside <= 200


def test_without_a_relevant_row_there_is_no_figure() -> None:
    found = ranking_metrics.bootstrap(np.array([np.nan, np.nan]))
    assert found.n == 0
    assert np.isnan(found.value)


def test_the_linear_gain_is_the_label_itself_however_large() -> None:
    label, score = np.array([5000.0, 10, 0]), np.array([0.1, 0.3, 0.2])
    [found] = ranking_metrics.ndcg(label, score, np.array([0, 3]), 10, "linear")
    best = 5000 + 10 / np.log2(3)
    assert found == pytest.approx((10 + 5000 / 2) / best)
    assert ranking_metrics.ndcg_of_order(np.array([10.0, 0, 5000]), 10, "linear") == pytest.approx(found)


def test_the_interval_of_auc_holds_as_often_as_it_says() -> None:
    """95 of 100: of 300 draws fewer than 270 has probability .001, for weak and strong scores alike."""
    for shift in (0.3, 2.0):
        truth = float(ndtr(shift / math.sqrt(2)))
        held = 0
        for seed in range(300):
            rng = np.random.default_rng(seed)
            label = (rng.random(200) < 0.3).astype(np.float64)
            found = ranking_metrics.auc_interval(label, rng.normal(shift * label))
            held += found.low <= truth <= found.high
        print(f"AUC {truth:.3f}: {held} of 300 intervals hold it")
        assert held >= 270


def test_auc_without_pairs_or_without_errors_has_no_width() -> None:
    one = ranking_metrics.auc_interval(np.ones(5), np.arange(5.0))
    assert math.isnan(one.value)
    right = ranking_metrics.auc_interval(np.array([0.0, 0.0, 1.0, 1.0]), np.arange(4.0))
    assert (right.value, right.low, right.high) == (1.0, 1.0, 1.0)
