"""Moments are those of the numbers themselves, and of tea-tasting's aggregates, and add up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tea_tasting.aggr import read_aggregates

from experiments.analysis.moments import Moments, moments_by
from tests.experiments.analysis.frames import table

COLUMNS, PAIRS = ["m", "p", "size"], [("m", "p"), ("size", "m")]


def data(units: int = 500) -> pd.DataFrame:
    """Three columns that vary together, in two arms of unequal size."""
    draw = np.random.default_rng(8)
    p = draw.normal(10, 3, units)
    arm = np.where(draw.random(units) < 0.3, "b", "a")
    return pd.DataFrame(
        {"arm": arm, "p": p, "m": p + draw.normal(0, 1, units), "size": draw.poisson(4, units)}
    )


def moments(columns: dict[str, np.ndarray]) -> Moments:
    """Those of numbers at hand, by numpy."""
    names = sorted(columns)
    covariance = np.cov([columns[name] for name in names])
    return Moments(
        len(columns[names[0]]),
        {name: float(columns[name].mean()) for name in names},
        {name: float(covariance[i, i]) for i, name in enumerate(names)},
        {(a, b): float(covariance[i, j]) for i, a in enumerate(names) for j, b in enumerate(names) if i < j},
    )


def test_the_query_gives_what_numpy_and_tea_tasting_do() -> None:
    """Of each arm; tea-tasting's to the last bit, as the query is the same."""
    rows = data()
    ours = moments_by(table(rows), "arm", COLUMNS, PAIRS)
    theirs = read_aggregates(
        table(rows), "arm", has_count=True, mean_cols=COLUMNS, var_cols=COLUMNS, cov_cols=PAIRS
    )
    assert set(ours) == set(theirs) == {"a", "b"}
    for arm, found in ours.items():
        part = rows[rows.arm == arm]
        truth = moments({name: part[name].to_numpy(float) for name in COLUMNS})
        assert found.count() == theirs[arm].count() == len(part)
        for name in COLUMNS:
            assert found.mean(name) == theirs[arm].mean(name) == pytest.approx(truth.mean(name))
            assert found.var(name) == theirs[arm].var(name) == pytest.approx(truth.var(name))
        for pair in PAIRS:
            assert found.cov(*pair) == theirs[arm].cov(*pair) == pytest.approx(truth.cov(*pair))
        assert found.ratio_var("m", "size") == theirs[arm].ratio_var("m", "size")


@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 1_000))
def test_moments_of_two_samples_add_up(first: int, second: int, seed: int) -> None:
    """To those of the samples side by side."""
    draw = np.random.default_rng(seed)
    one, two = ({"x": draw.normal(3, 2, n), "y": draw.normal(-1, 5, n)} for n in (first, second))
    both, whole = moments(one) + moments(two), moments({k: np.concatenate([one[k], two[k]]) for k in one})
    assert both.size == whole.size
    assert both.means == pytest.approx(whole.means)
    assert both.variances == pytest.approx(whole.variances)
    assert both.covariances == pytest.approx(whole.covariances)


def test_no_column_is_the_constant_one() -> None:
    """A mean is the ratio with it: nothing varies in it, and nothing with it."""
    found = moments({"x": np.array([1.0, 2.0, 6.0]), "y": np.array([1.0, 0.0, 2.0])})
    assert (found.mean(None), found.var(None), found.cov("x", None)) == (1.0, 0.0, 0.0)
    assert found.ratio_var("x", None) == found.var("x")
    assert found.ratio_cov("x", None, "y", None) == found.cov("y", "x")
    with pytest.raises(ZeroDivisionError):
        moments({"x": np.array([1.0, 2.0]), "y": np.zeros(2)}).ratio_var("x", "y")
