"""What to do now, in words: ship, don't, keep going, can't say, each for its reason."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.question import Measure
from experiments.analysis.recommendation import Recommendation, recommend_each
from tests.experiments.analysis.frames import asked, frame, question, table


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
    said = asked(frame(), precise)[1]
    assert "at its planned end, p = 0.92: no gain is seen, and one above 1.9% is excluded" in said
    small = question(Measure("m", "m", effect=0.2))
    assert asked(frame(), small)[1].endswith(
        "a gain of 20.0% (`effect`, the smallest that matters) or more is excluded"
    )
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


def test_every_arm_has_its_recommendation() -> None:
    """One about no arm where nothing can be said of any; else one for each, and the best of them is told."""
    data = frame(effect=1.0)
    found = analyze(table(data), question())
    assert [(each.word, each.arm) for each in recommend_each(found, question())] == [("ship", "b")]
    few = analyze(table(data.head(60)), question())
    assert [(each.word, each.arm) for each in recommend_each(few, question())] == [("can't say", None)]
    assert str(Recommendation("don't", "b", ("it is worse", "much"))) == "don't: it is worse; much"


def test_no_relative_effect_of_a_control_at_zero() -> None:
    """Differences are then in the metric's unit, and no time can be given."""
    data = frame()
    data["m"] = np.where(data.arm == "a", 0.0, np.random.default_rng(3).normal(0.01, 1, len(data)))
    said = asked(data, question())[1]
    assert "%" not in said.split(": ", 1)[1].split(":")[0]
    assert "how long it takes can't be said while the control is at 0" in said
