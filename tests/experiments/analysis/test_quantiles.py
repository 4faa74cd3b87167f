"""Quantiles of rows: numpy's values, intervals that know which rows share a unit, sentences for the rest."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.quantiles import least_units, linearised
from experiments.analysis.question import Measure
from experiments.analysis.tables import fetched
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import asked, frame, question, table
from tests.proofs.quantiles import answers

P90 = Measure("p90", "m", quantile=0.9, better="lower")


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.99])
def test_values_are_those_of_numpy(quantile: float) -> None:
    """Of each arm's rows; the standard error is about that of the bootstrap over units."""
    data = answers(4_000, np.random.default_rng(1), lift=0.2)
    (effect,) = analyze(table(data), question(replace(P90, quantile=quantile))).effects
    exact = data.groupby("arm").m.quantile(quantile)
    assert (effect.control_value, effect.value) == pytest.approx((exact["a"], exact["b"]))
    assert effect.lift == pytest.approx(exact["b"] / exact["a"] - 1)


def test_the_error_is_that_of_the_bootstrap_over_units() -> None:
    """Rows of a unit are alike: as if independent, it would be half as large."""
    data = answers(1_500, np.random.default_rng(2))
    (effect,) = analyze(table(data), question(P90)).effects
    (alone,) = analyze(table(data.assign(unit=np.arange(len(data)).astype(str))), question(P90)).effects
    draw, found = np.random.default_rng(3), []
    parts = {arm: [rows.m.to_numpy() for _, rows in of.groupby("unit")] for arm, of in data.groupby("arm")}
    for _ in range(300):
        means = [
            np.quantile(np.concatenate([part[i] for i in draw.integers(0, len(part), len(part))]), 0.9)
            for part in parts.values()
        ]
        found.append(means[1] - means[0])
    assert effect.deviation == pytest.approx(np.std(found), rel=0.2)
    assert alone.deviation < 0.7 * effect.deviation


def test_ties_are_no_certainty() -> None:
    """Times in whole milliseconds are equal in many rows; the interval is about that of the exact times."""
    data = answers(4_000, np.random.default_rng(4))
    (exact,) = analyze(table(data), question(P90)).effects
    (rounded,) = analyze(table(data.assign(m=(10 * data.m).round() / 10)), question(P90)).effects
    assert rounded.deviation == pytest.approx(exact.deviation, rel=0.3)
    assert asked(data.assign(m=1.0), question(P90))[1].startswith("can't say: p90 has no variation")


def test_a_column_may_have_mean_and_quantiles() -> None:
    """Each is its own metric, also of rows without a value."""
    data = answers(3_000, np.random.default_rng(5), lift=0.5)
    data.loc[::7, "m"] = np.nan
    half = replace(P90, name="p50", quantile=0.5, role="guardrail")
    found, said = asked(data, question(P90, half, Measure("mean", "m", role="secondary")))
    assert [each.metric for each in found.effects] == ["p90", "p50", "mean"]
    assert found.effects[2].control_value == pytest.approx(data.m[data.arm == "a"].mean())
    assert said.startswith("don't: ")
    assert "harmed" in said


def test_too_few_beyond_the_quantile() -> None:
    """Twenty units beyond it are needed in each arm."""
    assert (least_units(P90), least_units(replace(P90, quantile=0.99)), least_units(Measure("m", "m"))) == (
        200, 2_000, 0,
    )  # fmt: skip
    said = asked(answers(1_500, np.random.default_rng(6)), question(replace(P90, quantile=0.99)))[1]
    assert "units in an arm are too few beyond this quantile, and at least 2,000 are needed" in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"denominator": "one"}, "a ratio of two sums has none"),
        ({"per_unit": True}, "it is one of rows, not of units' sums"),
        ({"winsorise": 0.99}, "it has no outliers to be capped"),
    ],
)
def test_what_is_no_quantile(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(AnalysisError, match=f"metric p90: a quantile is of the rows .*; {sentence}"):
        analyze(table(frame()), question(replace(P90, **change)))


def test_strata_and_triggers_say_why_not() -> None:
    """A quantile is no average over strata, and has no share of the rows."""
    data = frame(effect=1.0).assign(phase=np.tile(["1", "2"], 1_000), differs=np.tile([True, False], 1_000))
    weights = {"1": {"a": 0.5, "b": 0.5}, "2": {"a": 0.9, "b": 0.1}}
    with pytest.raises(AnalysisError, match="metric p90: the weights of the arms changed"):
        analyze(table(data), question(P90, weights=weights, phase="phase"))
    found, said = asked(data, question(P90, trigger="differs"))
    assert found.effects[0].metric == "p90"
    assert said.startswith("can't say: p90: where the arms differ on some rows only")


def test_the_past_of_a_unit_narrows_it() -> None:
    """CUPED by what each row adds."""
    data = frame(units=6_000)
    (effect,) = analyze(table(data), question(replace(P90, before=("p", None)))).effects
    assert effect.reduction is not None
    assert 0.15 < effect.reduction < 0.7


def test_what_rows_add_has_the_quantile_as_its_mean() -> None:
    """By arm; other rows and those without a value have none."""
    data = pd.concat([frame(), frame(units=10).assign(arm="z", unit="z")])
    data.loc[3, "m"] = np.nan
    rows, asks = linearised(table(data), question(P90))
    name = asks.measures[0].numerator
    means = fetched(rows.group_by("arm").aggregate(mean=rows[name].mean()))
    exact = data[data.arm != "z"].groupby("arm").m.quantile(0.9)
    for line in means:
        if line["arm"] != "z":
            assert line["mean"] == pytest.approx(exact[line["arm"]])
