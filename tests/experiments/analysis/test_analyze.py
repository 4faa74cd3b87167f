"""Analyses give what the textbooks' tests give, block on mismatches, and say what to do in words."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from experiments.analysis.analyze import analyze
from experiments.analysis.question import Measure
from experiments.analysis.tables import connect, table_of
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import asked, frame, question, table


def test_one_row_a_unit_is_welchs_t_test() -> None:
    """Difference, p-value and interval against scipy."""
    data = frame(effect=0.1)
    found = analyze(table(data), question(ended=True))
    (effect,) = found.effects
    a, b = (data.m[data.arm == arm] for arm in "ab")
    truth = ttest_ind(b, a, equal_var=False)
    assert effect.difference == pytest.approx(b.mean() - a.mean())
    assert effect.fixed_p == pytest.approx(truth.pvalue)
    assert effect.fixed == pytest.approx(tuple(truth.confidence_interval()))
    assert effect.lift == pytest.approx(b.mean() / a.mean() - 1)
    assert effect.units == (len(a), len(b))


def test_rows_of_a_unit_are_not_independent() -> None:
    """Ten rows a unit: the interval is that of the units' ratio, not of 20,000 rows."""
    data = frame(rows=10)
    (effect,) = analyze(table(data), question(ended=True)).effects
    naive = ttest_ind(data.m[data.arm == "b"], data.m[data.arm == "a"], equal_var=False)
    width = effect.fixed[1] - effect.fixed[0]  # type: ignore[index]
    low, high = naive.confidence_interval()
    assert width > 2.5 * (high - low)
    means = data.groupby(["unit", "arm"]).m.mean().reset_index()
    exact = ttest_ind(means.m[means.arm == "b"], means.m[means.arm == "a"], equal_var=False)
    assert effect.fixed_p == pytest.approx(exact.pvalue, rel=1e-3)


def test_metrics_per_unit_and_ratios_of_columns() -> None:
    """A sum per unit, and clicks by impressions with the delta method."""
    data = frame(rows=3)
    per_unit, ratio = analyze(
        table(data),
        question(
            Measure("sum", "m", per_unit=True), Measure("ratio", "m", "one", role="secondary"), ended=True
        ),
    ).effects
    sums = data.groupby(["unit", "arm"]).m.sum().reset_index()
    exact = ttest_ind(sums.m[sums.arm == "b"], sums.m[sums.arm == "a"], equal_var=False)
    assert per_unit.fixed_p == pytest.approx(exact.pvalue)
    assert ratio.value == pytest.approx(data.m[data.arm == "b"].mean())


def test_fixed_interval_is_shown_only_at_the_end() -> None:
    """Peeking shows the anytime-valid one, which is wider."""
    data = frame()
    (running,) = analyze(table(data), question()).effects
    (ended,) = analyze(table(data), question(ended=True)).effects
    assert (running.fixed, running.fixed_p) == (None, None)
    assert ended.fixed is not None
    assert running.anytime[0] < ended.fixed[0] < ended.fixed[1] < running.anytime[1]
    assert running.anytime_p > ended.fixed_p  # type: ignore[operator]


def test_cuped_removes_the_variance_that_the_past_explains() -> None:
    """Correlation ρ with the past leaves 1 − ρ² of the variance (Deng et al. 2013, eq. 4)."""
    data = frame(effect=0.2, units=8_000)
    plain = Measure("m", "m")
    (adjusted,) = analyze(table(data), question(replace(plain, before=("p", None)))).effects
    (bare,) = analyze(table(data), question(plain)).effects
    within = data.m - data.groupby("arm").m.transform("mean")
    correlation = np.corrcoef(within, data.p)[0, 1]
    assert adjusted.reduction == pytest.approx(correlation**2, abs=0.01)
    assert adjusted.deviation == pytest.approx(bare.deviation * np.sqrt(1 - correlation**2), rel=0.01)
    assert abs(adjusted.difference - 0.2) < 4 * adjusted.deviation


def test_mismatch_blocks_the_verdict() -> None:
    """Whatever the effect."""
    found, said = asked(frame(effect=5.0, share=0.6), question())
    assert found.mismatch.blocks
    assert said.startswith("can't say: sample ratio mismatch, p = ")
    assert "Look at requests that fail" in said


def test_phases_follow_the_configuration() -> None:
    """10% in b, then 50%: no alarm, and each unit counts in the phase in which it was first seen."""
    one, two = frame(share=0.1, seed=2), frame(share=0.5, seed=3)
    two["unit"] = "v" + two["unit"]
    again = one.copy()
    both = pd.concat(
        [one.assign(phase="x", time=1), two.assign(phase="y", time=2), again.assign(phase="y", time=3)]
    )
    weights = {"x": {"a": 0.9, "b": 0.1}, "y": {"a": 0.5, "b": 0.5}}
    found = analyze(table(both), question(weights=weights, phase="phase", time="time"))
    assert not found.mismatch.blocks
    assert sum(found.mismatch.observed.values()) == 4_000
    with pytest.raises(
        AnalysisError, match="phase: 'y' is in the table and has no weights; those are of 'x'"
    ):
        analyze(table(both), question(weights={"x": weights["x"]}, phase="phase", time="time"))


def test_slices_share_the_level() -> None:
    """The primary metric by the values of a column."""
    data = frame(units=4_000)
    data["airport"] = np.random.default_rng(4).choice(["JFK", "EWR"], len(data))
    data["m"] += 2.0 * (data.arm == "b") * (data.airport == "JFK")
    found = analyze(table(data), question(slices=("airport",)))
    assert set(found.slices["airport"]) == {"JFK", "EWR"}
    (jfk,), (ewr,) = found.slices["airport"]["JFK"], found.slices["airport"]["EWR"]
    assert jfk.level == 0.975
    assert jfk.anytime[0] > 0
    assert ewr.anytime[0] < 0 < ewr.anytime[1]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"measures": (Measure("m", "n"),)},
            "metric m: the table has no column 'n'; it has unit, arm, m, p, one",
        ),
        (
            {"measures": (Measure("m", "unit"),)},
            "metric m: column 'unit' holds string, and must hold numbers",
        ),
        ({"unit": "units"}, "unit: the table has no column 'units'; did you mean 'unit'?"),
        ({"control": "c"}, "control: 'c' has no weight; the arms are c, a, b"),
        ({"measures": ()}, "metrics: none is given; an analysis needs at least one"),
        ({"weights": {"": {"a": 1.0}}}, "arms: only 'a' has a weight; a comparison needs two"),
    ],
)
def test_questions_that_the_table_cannot_answer(settings: dict[str, object], sentence: str) -> None:
    """Each names what is missing."""
    with pytest.raises(AnalysisError) as caught:
        analyze(table(frame()), question(**settings))
    assert sentence in str(caught.value)


@pytest.mark.slow
def test_spark_and_duckdb_give_the_same() -> None:
    """Where PySpark and Java are: every figure to 1e-9, with CUPED, a trigger and winsorising."""
    pytest.importorskip("pyspark", reason="PySpark, an optional extra, is not installed")
    data = frame(effect=0.1, rows=3)
    data["time"] = np.arange(len(data))
    data["could"] = np.arange(len(data)) % 2 == 0
    measures = (
        Measure("m", "m", before=("p", None)),
        Measure("r", "m", "one", role="guardrail", winsorise=0.99),
        Measure("p90", "m", role="guardrail", quantile=0.9),
    )
    asks = question(*measures, time="time", trigger="could")
    here = analyze(table(data), asks)
    there = analyze(table_of(data, connect("pyspark"), "rows"), asks)
    assert (here.units, here.crossed, here.mismatch) == (there.units, there.crossed, there.mismatch)
    for one, other in zip(here.effects, there.effects, strict=True):
        assert other.difference == pytest.approx(one.difference, abs=1e-9)
        assert other.deviation == pytest.approx(one.deviation, abs=1e-9)
