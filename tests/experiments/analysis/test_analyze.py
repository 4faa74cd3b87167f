"""Analyses give what the textbooks' tests give, block on mismatches, and say what to do in words."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from experiments.analysis.analyze import analyze
from experiments.analysis.effects import Analysis
from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import Table, connect, table_of
from experiments.analysis.verdict import verdict
from experiments.config.problems import AnalysisError

HALF = {"": {"a": 0.5, "b": 0.5}}


def question(*measures: Measure, **settings: object) -> Question:
    """A question about arms a (control) and b, half each."""
    base = Question(control="a", weights=HALF, measures=measures or (Measure("m", "m"),))
    return replace(base, **settings)  # type: ignore[arg-type]


def frame(
    effect: float = 0.0, units: int = 2_000, rows: int = 1, seed: int = 1, share: float = 0.5
) -> pd.DataFrame:
    """Rows of units with a unit effect, arms by coin, a metric m around 10 and one from before, p."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), rows)
    arm = np.where(draw.random(units) < share, "b", "a")
    level = draw.normal(10, 2, units)
    m = level[unit] + draw.normal(0, 1, len(unit)) + effect * (arm[unit] == "b")
    p = level + draw.normal(0, 1, units)
    names = np.char.add("u", unit.astype(str))
    return pd.DataFrame({"unit": names, "arm": arm[unit], "m": m, "p": p[unit], "one": 1.0})


CONNECTION = connect()


def table(data: pd.DataFrame) -> Table:
    """The frame in DuckDB."""
    return table_of(data, CONNECTION, f"t{next(NAMES)}")


NAMES = count()


def asked(data: pd.DataFrame, asks: Question) -> tuple[Analysis, str]:
    """The analysis and its verdict's text."""
    found = analyze(table(data), asks)
    return found, str(verdict(found, asks))


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


def test_units_in_two_arms_are_counted_and_left_out() -> None:
    """Up to 1% is a note; above it the split isn't one."""
    data = frame()
    crossed = data.head(10).assign(arm=lambda rows: np.where(rows.arm == "a", "b", "a"))
    found, said = asked(pd.concat([data, crossed]), question())
    assert found.crossed == 10
    assert sum(found.units.values()) == 1_990
    many = data.head(100).assign(arm=lambda rows: np.where(rows.arm == "a", "b", "a"))
    _, said = asked(pd.concat([data, many]), question())
    assert "100 of 2,000 units were seen in several arms, over 1%" in said


def test_verdicts_in_words() -> None:
    """Ship, don't, keep going with how long, and none at the end."""
    assert asked(frame(effect=1.0), question())[1].startswith("ship b: m +")
    assert asked(frame(effect=-1.0), question())[1].startswith("don't: m -")
    going = asked(frame(units=400), question(days=4.0))[1]
    assert going.startswith("keep going: m ")
    assert "to see an effect of 5.0% it needs about" in going
    assert "times the data of now" in going
    assert "more days at this rate" in going
    precise = question(Measure("m", "m", effect=0.001), ended=True)
    assert "at its planned end no gain is seen, and one above" in asked(frame(), precise)[1]
    small = question(Measure("m", "m", effect=0.2))
    assert asked(frame(), small)[1].endswith("a gain of 20.0% or more is excluded")
    lower = question(Measure("m", "m", better="lower"))
    assert asked(frame(effect=-1.0), lower)[1].startswith("ship b")


def test_guardrails_stop_what_the_primary_would_ship() -> None:
    """Harm beyond the margin; with a margin not yet excluded it keeps going."""
    data = frame(effect=1.0)
    data["g"] = data.m - 3.0 * (data.arm == "b")
    bad = question(Measure("m", "m"), Measure("g", "g", role="guardrail"))
    assert asked(data, bad)[1].startswith("don't: guardrail g -")
    data["g"] = np.random.default_rng(9).normal(10, 30, len(data))
    unsure = question(Measure("m", "m"), Measure("g", "g", role="guardrail", margin=0.01))
    assert "g may still be worse by more than its margin of 1.0%" in asked(data, unsure)[1]


def test_three_arms_share_the_level_and_the_best_ships() -> None:
    """Each against the control at 1 − .05/2."""
    data = frame(effect=0.5, units=6_000)
    c = frame(effect=1.0, units=6_000, seed=5)
    c = c[c.arm == "b"].assign(arm="c", unit=lambda rows: "c" + rows.unit)
    weights = {"": {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}}
    found, said = asked(pd.concat([data, c]), question(weights=weights))
    assert {effect.level for effect in found.effects} == {0.975}
    assert said.startswith("ship c:")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data.iloc[:0], "can't say: the experiment has no data"),
        (lambda data: data[data.arm == "a"], "can't say: arm 'b' is empty: no unit was seen in it"),
        (
            lambda data: data.assign(m=0.0),
            "can't say: m has no variation: all its values are equal or absent",
        ),
        (
            lambda data: data.assign(m=np.nan),
            "can't say: m has no variation: all its values are equal or absent",
        ),
        (lambda data: data.head(60), "can't say: too few units: 'a' has"),
        (lambda data: data.assign(arm="z"), "can't say: the experiment has no data"),
    ],
)
def test_what_cannot_be_said(change: Callable[[pd.DataFrame], pd.DataFrame], sentence: str) -> None:
    """No data, an empty arm, nothing but zeros or NaN, a handful of units."""
    assert sentence in asked(change(frame()), question())[1]


def test_nan_outliers_and_winsorising_are_told() -> None:
    """NaN rows are left out and counted; one value of 50,000 is named, and declared winsorising tames it."""
    data = frame()
    data.loc[:11, "m"] = np.nan
    data.loc[50, "m"] = 50_000.0
    found, _ = asked(data, question())
    assert any(
        note.startswith("m: 12 of 2,000 rows have no value (absent, NaN or infinite) and are")
        for note in found.notes
    )
    assert any("one unit (50,000) carries 100% of its variation" in note for note in found.notes)
    tamed, _ = asked(data, question(Measure("m", "m", winsorise=0.999)))
    assert any(note.startswith("m: values above 1") for note in tamed.notes)
    assert tamed.effects[0].deviation < found.effects[0].deviation / 50


def test_triggered_analysis_counts_only_rows_that_could_differ() -> None:
    """Half of the rows can't differ: leaving them out doubles the effect; the mismatch test sees all."""
    data = frame(units=4_000)
    data["could"] = np.random.default_rng(4).random(len(data)) < 0.5
    data["m"] += 1.0 * (data.arm == "b") * data.could
    found = analyze(table(data), question(trigger="could"))
    everything = analyze(table(data), question())
    assert found.effects[0].difference == pytest.approx(2 * everything.effects[0].difference, rel=0.25)
    assert found.mismatch.observed == everything.mismatch.observed
    (overall,) = found.overall
    assert found.share == pytest.approx(0.5, abs=0.03)
    assert overall.difference == pytest.approx(found.share * found.effects[0].difference)
    assert overall.control_value == pytest.approx(everything.effects[0].control_value)
    assert found.triggered is not None
    assert sum(found.triggered.observed.values()) < sum(found.mismatch.observed.values())


def test_a_trigger_that_follows_the_arm_blocks_the_verdict() -> None:
    """Rows that count more often in one arm: units are as they should, those that are compared are not."""
    data = frame(units=4_000)
    often = np.where(data.arm == "b", 0.5, 0.3)
    data["could"] = np.random.default_rng(4).random(len(data)) < often
    found, said = asked(data, question(trigger="could"))
    assert not found.mismatch.blocks
    assert found.triggered is not None
    assert found.triggered.blocks
    assert said.startswith("can't say: sample ratio mismatch")


def test_a_trigger_that_never_fires_is_said() -> None:
    """Nothing differs, so nothing is looked for."""
    found, said = asked(frame().assign(could=False), question(trigger="could"))
    assert found.share == 0
    assert said.startswith("can't say: every arm served the same on every row")


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
    )
    asks = question(*measures, time="time", trigger="could")
    here = analyze(table(data), asks)
    there = analyze(table_of(data, connect("pyspark"), "rows"), asks)
    assert (here.units, here.crossed, here.mismatch) == (there.units, there.crossed, there.mismatch)
    for one, other in zip(here.effects, there.effects, strict=True):
        assert other.difference == pytest.approx(one.difference, abs=1e-9)
        assert other.deviation == pytest.approx(one.deviation, abs=1e-9)
