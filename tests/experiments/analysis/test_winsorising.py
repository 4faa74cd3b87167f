"""Outliers are capped by unit, by one limit for all arms, and what they would have done is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.question import Measure
from experiments.analysis.report import rows
from tests.experiments.analysis.frames import frame, question, table


def orders(units: int, whales: int, seed: int = 3) -> pd.DataFrame:
    """Orders of one size or so, a few per unit; the control's first units buy for 200 times as much."""
    draw = np.random.default_rng(seed)
    each = draw.poisson(3, units) + 1
    unit = np.repeat(np.arange(units), each)
    spent = draw.gamma(4, 0.25, len(unit)) * np.where(unit < whales, 200, 1)
    arm = np.where(unit % 2, "b", "a")
    arm[unit < whales] = "a"
    return pd.DataFrame({"unit": [f"u{each}" for each in unit], "arm": arm, "spent": spent, "one": 1.0})


@pytest.mark.parametrize(
    "measure",
    [Measure("spent", "spent", per_unit=True), Measure("spent", "spent"), Measure("spent", "spent", "one")],
)
def test_a_few_whales_are_no_effect(measure: Measure) -> None:
    """Of sums, means and ratios; the row says how many units were capped, and what there is without."""
    data = orders(2_000, 12)
    (plain,) = analyze(table(data), question(measure)).effects
    (effect,) = analyze(table(data), question(replace(measure, winsorise=0.99))).effects
    assert plain.lift is not None
    assert plain.lift < -0.4
    assert effect.lift is not None
    assert abs(effect.lift) < 0.06
    assert effect.winsorised is not None
    assert effect.winsorised.units[0] >= 12
    assert sum(effect.winsorised.units) <= 21
    assert effect.winsorised.lift == pytest.approx(plain.lift)
    assert (
        rows([effect])[0][0]
        == f"spent ({sum(effect.winsorised.units)} units capped; {plain.lift:+.2%} without)"
    )


def test_sums_are_those_of_numpy() -> None:
    """Every unit's sum above the quantile of all units' sums counts as it."""
    data = orders(1_000, 0)
    measure = Measure("spent", "spent", per_unit=True, winsorise=0.95)
    (effect,) = analyze(table(data), question(measure)).effects
    sums = data.groupby(["unit", "arm"]).spent.sum().reset_index()
    limit = sums.spent.quantile(0.95)
    means = sums.assign(spent=sums.spent.clip(upper=limit)).groupby("arm").spent.mean()
    assert (effect.control_value, effect.value) == pytest.approx((means["a"], means["b"]))


def test_a_large_basket_of_small_orders_is_no_outlier() -> None:
    """Twenty orders in one unit stay as they are, by ratio; a row of twenty is what is capped."""
    data = orders(1_000, 0)
    many = pd.DataFrame({"unit": "big", "arm": "b", "spent": 1.0, "one": np.ones(40)})
    measure = Measure("spent", "spent", "one", winsorise=0.99)
    (effect,) = analyze(table(pd.concat([data, many])), question(measure)).effects
    pooled = data.groupby("arm")[["spent", "one"]].sum()
    without = Measure("spent", "spent", "one")
    (plain,) = analyze(table(pd.concat([data, many])), question(without)).effects
    assert plain.value == pytest.approx((pooled.spent["b"] + 40) / (pooled.one["b"] + 40))
    assert abs(effect.value - plain.value) < 0.02  # only what is capped of others
    assert effect.winsorised is not None
    assert 8 <= sum(effect.winsorised.units) <= 11  # a hundredth of 1,001 units


def test_strata_and_triggers_are_capped_as_well() -> None:
    """By the unit's total, in every stratum; and the control's value over all rows."""
    data = orders(2_000, 12)
    draw = np.random.default_rng(1)
    data["phase"] = np.where(draw.random(len(data)) < 0.5, "1", "2")
    data["differs"] = draw.random(len(data)) < 0.5
    weights = {"1": {"a": 0.5, "b": 0.5}, "2": {"a": 0.4, "b": 0.6}}
    measure = Measure("spent", "spent", winsorise=0.99)
    phased = question(measure, weights=weights, phase="phase")
    for asks in (phased, question(measure, trigger="differs"), replace(phased, trigger="differs")):
        found = analyze(table(data), asks)
        (effect,) = found.decisive
        assert effect.lift is not None
        assert abs(effect.lift) < 0.15, asks
        assert effect.control_value < 1.3
        assert effect.winsorised is not None
        assert abs(effect.winsorised.lift or 0.0) > 0.3


@pytest.mark.slow
def test_false_alarms_stay_what_they_are() -> None:
    """200 pairs of heavy-tailed equal arms: 5% ± four deviations."""
    found = 0
    asks = question(Measure("m", "m", per_unit=True, winsorise=0.95), ended=True, looks=0.0)
    draw = np.random.default_rng(5)
    for seed in range(200):
        data = frame(units=400, seed=seed)
        data["m"] = draw.lognormal(0, 1.5, len(data))
        (effect,) = analyze(table(data), asks).effects
        found += (effect.fixed_p or 1.0) < 0.05
    assert abs(found - 10) <= 12
