"""Two arms compared give what tea-tasting gives, to the last bit, and None where nothing can be compared."""

import numpy as np
import pytest
import tea_tasting as tt
from scipy.special import ndtri
from tea_tasting.aggr import Aggregates

from experiments.analysis.moments import Moments
from experiments.analysis.welch import Ratio, welch

METRICS = [
    Ratio("x"), Ratio("x", "n"), Ratio("x", None, "p"), Ratio("x", "n", "p"), Ratio("x", "n", "p", "q"),
]  # fmt: skip


def arm(seed: int, units: int, effect: float = 0.0) -> Moments:
    """Units with a value, a size, and both from before."""
    draw = np.random.default_rng(seed)
    n, q = (draw.poisson(5, units) + 1.0 for _ in range(2))
    level = draw.normal(2, 1, units)
    columns = {"n": n, "p": level * q, "q": q, "x": (level + effect) * n + draw.normal(0, 1, units)}
    covariance = np.cov(list(columns.values()))
    names = list(columns)
    return Moments(
        units,
        {name: float(each.mean()) for name, each in columns.items()},
        {name: float(covariance[i, i]) for i, name in enumerate(names)},
        {(a, b): float(covariance[i, j]) for i, a in enumerate(names) for j, b in enumerate(names) if i < j},
    )


def theirs(found: Moments) -> Aggregates:
    """The same for tea-tasting."""
    return Aggregates(found.size, dict(found.means), dict(found.variances), dict(found.covariances))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("level", [0.8, 0.95, 0.9875])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_figures_are_those_of_tea_tasting(metric: Ratio, level: float, seed: int) -> None:
    """Values, difference, interval, p and the standard error of the normal interval."""
    control, treatment = arm(seed, 40 * seed), arm(seed + 10, 300, effect=0.2)
    found = welch(control, treatment, metric, level)
    assert found is not None
    columns = (metric.above, metric.below, metric.past, metric.size)
    exact, normal = (
        tt.RatioOfMeans(*columns, confidence_level=level, use_t=use_t).analyze_aggregates(
            theirs(control), theirs(treatment)
        )
        for use_t in (True, False)
    )
    assert (found.control, found.treatment) == (exact.control, exact.treatment)
    assert found.difference == exact.effect_size
    assert found.interval == (exact.effect_size_ci_lower, exact.effect_size_ci_upper)
    assert found.p == exact.pvalue
    z = float(ndtri((1 + level) / 2))
    assert found.deviation == (normal.effect_size_ci_upper - normal.effect_size) / z


def constant(**means: float) -> Moments:
    """Ten units without any variation."""
    names = sorted(means)
    pairs = {(a, b): 0.0 for a in names for b in names if a < b}
    return Moments(10, means, dict.fromkeys(names, 0.0), pairs)


@pytest.mark.parametrize("metric", METRICS[:2])
def test_without_variation_there_is_nothing_to_test(metric: Ratio) -> None:
    """Whatever the difference."""
    assert welch(constant(x=1.0, n=1.0), constant(x=2.0, n=1.0), metric, 0.95) is None


@pytest.mark.parametrize("metric", [Ratio("x", "n"), Ratio("x", None, "p", "n")])
def test_a_denominator_of_zero_is_no_ratio(metric: Ratio) -> None:
    """Neither of the metric nor of its past."""
    assert welch(constant(x=1.0, n=0.0, p=1.0), constant(x=2.0, n=0.0, p=1.0), metric, 0.95) is None


def test_a_past_that_never_varied_explains_nothing() -> None:
    """The comparison is then the plain one."""
    one, other = arm(1, 50), arm(2, 60)
    flat = [
        Moments(each.size, {**each.means, "p": 3.0}, {**each.variances, "p": 0.0},
                {pair: 0.0 if "p" in pair else value for pair, value in each.covariances.items()})
        for each in (one, other)
    ]  # fmt: skip
    assert welch(flat[0], flat[1], Ratio("x", None, "p"), 0.95) == welch(one, other, Ratio("x"), 0.95)
