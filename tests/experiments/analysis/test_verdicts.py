"""One verdict for the experiment and one for each arm, with the figures that they rest on."""

import numpy as np
import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.question import Measure, Question
from experiments.analysis.verdicts import Verdicts, verdicts_of
from tests.experiments.analysis.frames import frame, question, table

THREE = {"": {"a": 0.34, "b": 0.33, "c": 0.33}}


def _said(data: pd.DataFrame, asks: Question) -> Verdicts:
    return verdicts_of(analyze(table(data), asks), asks)


def _three() -> pd.DataFrame:
    """b is better, c is worse."""
    draw, arms = np.random.default_rng(1), np.array(["a", "b", "c"])[np.arange(3_000) % 3]
    m = draw.normal(10, 1, 3_000) + (arms == "b") - (arms == "c")
    return pd.DataFrame({"unit": np.arange(3_000).astype(str), "arm": arms, "m": m})


def test_each_arm_has_its_verdict() -> None:
    said = _said(_three(), question(weights=THREE))
    assert {each.arm: each.word for each in said.arms} == {"b": "ship", "c": "don't"}
    assert (said.overall.word, said.overall.arm) == ("ship", "b")
    assert [ground.says for arm in "bc" for ground in said.grounds[arm] if ground.about == "primary"] == [
        "better",
        "worse",
    ]


def test_what_says_nothing_says_it_of_every_arm() -> None:
    """And names what blocks, once as a figure beside its limit."""
    data = _three()
    said = _said(data[(data.arm != "b") | (data.index % 2 == 0)], question(weights=THREE))
    assert [(each.arm, each.word) for each in said.arms] == [("b", "can't say"), ("c", "can't say")]
    blocking = [ground for ground in said.grounds[None] if ground.says == "blocks"]
    assert [(ground.about, ground.kind, ground.limit) for ground in blocking] == [("mismatch", "p", 0.001)]
    assert blocking[0].figure is not None
    assert blocking[0].figure < 0.001


def test_a_guardrail_is_held_to_its_margin() -> None:
    data = frame(effect=0.8)
    data["slow"] = data.m + (data.arm == "b")
    for margin, says, word in ((0.5, "kept", "ship"), (0.01, "harmed", "don't")):
        guard = Measure("slow", "slow", role="guardrail", better="lower", margin=margin)
        said = _said(data, question(Measure("m", "m"), guard))
        [ground] = [each for each in said.grounds["b"] if each.about == "guardrail"]
        assert (ground.says, ground.limit, said.overall.word) == (says, margin, word)


def test_figures_are_those_of_the_effect() -> None:
    """Relative where the control is clear of 0, and the interval is the one that decided."""
    asks = question(ended=True)
    found = analyze(table(frame(effect=0.3)), asks)
    ground = verdicts_of(found, asks).grounds["b"][-1]
    assert ground.figure == found.effects[0].lift
    assert (ground.low, ground.high) == found.effects[0].relative_deciding
    assert ground.kind == "relative"
