"""The error that looks and the planned end may make, and that decisions keep to it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.question import Measure, Question
from experiments.analysis.sequential import factor
from experiments.analysis.spending import Levels, spent, told
from tests.experiments.analysis.frames import asked, frame, question

SHARE = question(Measure("m", "m", per_unit=True), ended=True)


def rates(control: float, treatment: float, units: int) -> pd.DataFrame:
    """Units of two arms of which exactly such shares are 1."""
    ones = [np.arange(units) < round(rate * units) for rate in (control, treatment)]
    names = np.char.add("u", np.arange(2 * units).astype(str))
    return pd.DataFrame({"unit": names, "arm": np.repeat(["a", "b"], units), "m": np.concatenate(ones) * 1.0})


@pytest.mark.parametrize(
    ("looks", "levels"),
    [(0.0, Levels(1.0, 0.95)), (0.1, Levels(0.995, 0.955)), (1.0, Levels(0.95, 1.0))],
)
def test_errors_add_up(looks: float, levels: Levels) -> None:
    """To what is allowed, however it is shared."""
    assert spent(0.95, looks) == levels
    assert (1 - levels.looks) + (1 - levels.end) == pytest.approx(0.05)


def test_words() -> None:
    """Which part is whose."""
    assert told(0.95, 0.1).endswith("0.005 is for looks and 0.045 for the test at the planned end")
    assert told(0.95, 1.0) == "all of the error of 0.05 is for looks"
    assert told(0.95, 0.0) == "all of the error of 0.05 is for the planned end"


@pytest.mark.parametrize(("control", "treatment", "units"), [(0.106, 0.139, 2_900), (0.05, 0.1, 1_480)])
def test_the_test_at_the_planned_end_decides(control: float, treatment: float, units: int) -> None:
    """Where the interval for looks still holds 0."""
    data = rates(control, treatment, units)
    found, said = asked(data, SHARE)
    (effect,) = found.effects
    assert effect.fixed_p is not None
    assert effect.fixed_p < 2e-4
    assert said.startswith("ship b: m +")
    assert f"at its planned end, p = {effect.fixed_p:.2g}" in said
    if control == 0.106:
        assert effect.anytime[0] < 0
        assert asked(data, replace(SHARE, ended=False))[1].startswith("keep going")
        (declared,) = asked(data, replace(SHARE, looks=1.0))[0].effects
        assert declared.deciding == declared.anytime


def test_all_of_it_at_the_end_says_nothing_before() -> None:
    """And the end is then the plain test at .95."""
    data, asks = frame(effect=1.0), replace(SHARE, looks=0.0)
    said = asked(data, replace(asks, ended=False))[1]
    assert said == "keep going: all of the error is for its planned end: it decides then"
    (effect,) = asked(data, asks)[0].effects
    assert effect.deciding == effect.fixed
    assert effect.anytime == (float("-inf"), float("inf"))


def test_guardrails_by_the_same() -> None:
    """A margin that the end can't show is no ship; before, it goes on."""
    data = frame(effect=1.0)
    data["g"] = np.random.default_rng(9).normal(10, 30, len(data))
    asks = question(Measure("m", "m"), Measure("g", "g", role="guardrail", margin=0.01))
    assert asked(data, asks)[1].startswith("keep going: m +")
    ended = asked(data, replace(asks, ended=True))[1]
    assert ended.startswith("don't: m +")
    assert "g may still be worse by more than its margin of 1.0%" in ended


def test_looks_are_no_wider_than_declared() -> None:
    """With a tenth on looks, at most 2.2 times the interval that is looked at once at .95, at any size."""
    counts = np.geomspace(40, 1e8, 60)
    assert (
        max(factor(float(each), spent(0.95, Question("a", {}, ()).looks).looks) for each in counts)
        < 2.2 * 1.95996
    )
