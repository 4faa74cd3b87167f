"""Means by arm with intervals that respect units."""

import numpy as np
import pytest

from experiments.analysis.clustered_means import clustered_mean, summarise


def test_rows_by_arm_and_exploration() -> None:
    """Counts, means and NaN handled per metric."""
    rows = summarise(
        unit=["a", "a", "b", "c", "c"],
        arm=["x", "x", "x", "y", "y"],
        explored=[False, False, False, False, True],
        metrics={"ndcg": [1.0, float("nan"), 0.0, 0.5, 0.25], "reward": [1, 2, 3, 4, 5]},
    )
    assert [(row.arm, row.explored, row.decisions, row.units) for row in rows] == [
        ("x", False, 3, 2),
        ("y", False, 1, 1),
        ("y", True, 1, 1),
    ]
    assert rows[0].metrics["ndcg"].mean == 0.5
    assert (rows[0].metrics["ndcg"].values, rows[0].metrics["reward"].mean) == (2, 2.0)
    assert str(rows[1].metrics["ndcg"]) == "0.5000 (one unit: no interval)"


def test_no_data_says_so() -> None:
    """A metric that is NaN throughout has no mean."""
    (row,) = summarise(["a"], ["x"], [False], {"ndcg": [float("nan")]})
    assert str(row.metrics["ndcg"]) == "no data"


def test_columns_of_different_lengths_are_named() -> None:
    """A silent truncation would put figures to the wrong units."""
    with pytest.raises(ValueError, match="'ndcg': 2"):
        summarise(["a"], ["x"], [False], {"ndcg": [1.0, 2.0]})


def test_intervals_cover_with_correlated_requests() -> None:
    """60 units with 1 to 9 requests each, intra-unit correlation .5: 95% ± 4·√(.0475/600)."""
    draw = np.random.default_rng(1)
    hits = naive = 0
    for _ in range(600):
        sizes = draw.integers(1, 10, 60)
        codes = np.repeat(np.arange(60), sizes)
        values = draw.normal(size=60)[codes] + draw.normal(size=len(codes))
        found = clustered_mean(values, codes)
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0 <= found.high
        naive += abs(values.mean()) <= 1.96 * values.std() / np.sqrt(len(values))
    assert abs(hits / 600 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 600)
    assert naive / 600 < 0.8  # what an interval that ignores units would cover
