"""What an analysis finds, as data: which effects decide, and which tests were made."""

from dataclasses import replace

from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.mismatch import mismatch
from experiments.analysis.spending import Levels
from tests.experiments.analysis.frames import HALF


def effect(metric: str) -> Effect:
    """An effect of nothing."""
    return Effect(
        metric=metric,
        role="primary",
        arm="b",
        control_value=1.0,
        value=1.0,
        difference=0.0,
        deviation=0.5,
        lift=0.0,
        anytime=(-1.0, 1.0),
        anytime_p=1.0,
        fixed=None,
        fixed_p=None,
        deciding=(-1.0, 1.0),
        level=0.95,
        levels=Levels(0.995, 0.955),
        units=(50, 50),
        relative=None,
        relative_fixed=None,
        relative_deciding=None,
        control_variance=1.0,
        winsorised=None,
        reduction=None,
        correlation=None,
    )


def analysis(**settings: object) -> Analysis:
    """An analysis of one effect."""
    test = mismatch({"": {"a": 50, "b": 50}}, HALF)
    whole = Analysis(test, (effect("inside"),), {}, {"a": 50, "b": 50}, 100, 0, ())
    return replace(whole, **settings)  # type: ignore[arg-type]


def test_what_shipping_would_change_decides() -> None:
    """With a trigger that is the effect over all rows, not the larger one where arms differ."""
    assert [each.metric for each in analysis().decisive] == ["inside"]
    triggered = analysis(overall=(effect("over all"),), share=0.5)
    assert [each.metric for each in triggered.decisive] == ["over all"]
    assert analysis(share=0.0).decisive == ()


def test_every_mismatch_test_is_told() -> None:
    """That among all units first, then that among those with rows that differ."""
    assert len(analysis().mismatches) == 1
    second = mismatch({"": {"a": 90, "b": 10}}, HALF)
    assert [each.blocks for each in analysis(triggered=second).mismatches] == [False, True]
