"""CUPED's covariate is tested: arms that differed before it began are no arms to compare."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.balance import Balance
from experiments.analysis.question import Measure
from experiments.analysis.report import rows
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import asked, frame, question, table

PAST = Measure("m", "m", before=("p", None))


def test_arms_that_were_alike() -> None:
    """A sentence, and what the past explains in the row."""
    found, said = asked(frame(effect=0.5), question(PAST))
    [balance] = found.balances
    assert not balance.blocks
    assert balance.sentence() in found.notes
    assert balance.sentence().endswith("alike, as they should be")
    assert said.startswith("ship b")
    (effect,) = found.effects
    assert effect.correlation == pytest.approx(0.8, abs=0.05)  # 2² / √(5 · 5)
    assert effect.reduction == pytest.approx((effect.correlation or 0) ** 2)
    assert (
        rows([effect])[0][0] == f"m (the past explains {effect.reduction:.1%}, r = {effect.correlation:+.2f})"
    )


@pytest.mark.parametrize("shift", [0.5, -4.0])
def test_a_past_that_differs_between_arms_blocks(shift: float) -> None:
    """Shifted in one by a mistake: without the test, +.3 becomes −33%."""
    data = frame(effect=0.3)
    data["p"] += shift * (data.arm == "b")
    for asks in (question(PAST), question(PAST, watched=True), question(PAST, ended=True)):
        said = asked(data, asks)[1]
        assert said.startswith("can't say: m before: ")
        assert "the arms differed before it began" in said


def test_an_arm_whose_pasts_are_missing_blocks() -> None:
    """Half of the units of one arm have none, as those of a join that went wrong."""
    data = frame(effect=0.3)
    data.loc[(data.arm == "b") & (data.index % 2 == 0), "p"] = np.nan
    said = asked(data, question(PAST))[1]
    assert said.startswith("can't say: m before: ")
    assert "known of 49.6%" in said
    assert "and 100.0% of the units" in said


def test_units_without_a_past_are_told_apart() -> None:
    """New units, which are at 4 where the others are at 10: what that explains is removed as well."""
    draw = np.random.default_rng(2)
    data = frame(effect=0.2, units=6_000)
    new = draw.random(len(data)) < 0.4
    data["m"] -= 6.0 * new
    data["p"] = data.p.where(~new)
    (effect,) = analyze(table(data), question(PAST)).effects
    (zeros,) = analyze(table(data.fillna({"p": 0.0})), question(PAST)).effects
    (strata,) = analyze(table(data.assign(p=(~new) * 1.0)), question(PAST)).effects
    assert effect.reduction is not None
    assert strata.reduction is not None
    assert effect.reduction > strata.reduction + 0.05  # more than whether there is one
    assert effect.deviation <= zeros.deviation
    assert abs(effect.difference - 0.2) < 4 * effect.deviation
    explained = data.m - np.where(new, data.m[new].mean(), data.m[~new].mean() + 0.8 * (data.p - 10))
    assert effect.deviation == pytest.approx(explained.std() * np.sqrt(4 / len(data)), rel=0.03)


def test_nobody_with_a_past_is_the_plain_comparison() -> None:
    """And no reduction."""
    data = frame(effect=0.2)
    (plain,) = analyze(table(data), question(Measure("m", "m"))).effects
    found = analyze(table(data.assign(p=np.nan)), question(PAST))
    (effect,) = found.effects
    assert (effect.difference, effect.deviation, effect.reduction) == (plain.difference, plain.deviation, 0.0)
    assert found.balances == ()


def test_a_past_changes_not_with_rows() -> None:
    """What differs between a unit's rows was measured while it ran."""
    data = frame(rows=3)
    data["p"] = data.m
    with pytest.raises(AnalysisError, match="before: column 'p' has several values in 2,000 units, such as"):
        analyze(table(data), question(PAST))


def test_strata_have_their_pasts() -> None:
    """Weights that changed: as without, the past explains, missing ones are told apart, a shift blocks."""
    data = frame(effect=0.3, rows=2, units=3_000)
    data["phase"] = np.where(np.arange(len(data)) % 2, "1", "2")
    data.loc[data.unit.str.endswith("7"), "p"] = np.nan
    weights = {"1": {"a": 0.5, "b": 0.5}, "2": {"a": 0.501, "b": 0.499}}
    asks = question(PAST, weights=weights, phase="phase")
    found = analyze(table(data), asks)
    (plain,) = analyze(table(data), replace(asks, measures=(Measure("m", "m"),))).effects
    (effect,) = found.effects
    assert effect.deviation < 0.75 * plain.deviation
    assert abs(effect.difference - 0.3) < 4 * effect.deviation
    assert not found.balances[0].blocks
    shifted = pd.DataFrame(data.assign(p=data.p + (data.arm == "b")))
    assert analyze(table(shifted), asks).balances[0].blocks


def test_what_is_doubtful_blocks_nothing() -> None:
    """And is told as such."""
    balance = Balance("m", "b", 1.0, 1.0, (1.0, 1.0), 0.005)
    assert not balance.blocks
    assert "differed before it began" in balance.sentence()
