"""What an effect says follows the good direction, the effect that matters and the margin."""

from dataclasses import replace

import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.judged import is_harmed, is_safe, says, turned
from experiments.analysis.question import Measure
from tests.experiments.analysis.frames import frame, question, table

EFFECT = analyze(table(frame(effect=0.3)), question()).effects[0]
M = Measure("m", "m")


@pytest.mark.parametrize(
    ("bounds", "effect", "higher", "lower"),
    [
        ((0.1, 0.2), 0.05, "better", "worse"),
        ((-0.2, -0.1), 0.05, "worse", "better"),
        ((-0.04, 0.04), 0.05, "excluded", "excluded"),
        ((-0.01, 0.2), 0.05, "open", "excluded"),
        ((-0.2, 0.2), 0.05, "open", "open"),
    ],
)
def test_of_a_primary_metric(bounds: tuple[float, float], effect: float, higher: str, lower: str) -> None:
    found = replace(EFFECT, deciding=bounds, relative_deciding=bounds)
    assert says(found, replace(M, effect=effect)) == higher
    assert says(found, replace(M, effect=effect, better="lower")) == lower


def test_of_a_guardrail() -> None:
    for bounds, said in (((-0.2, -0.1), "harmed"), ((-0.2, 0.1), "open"), ((-0.04, 0.1), "kept")):
        found = replace(EFFECT, deciding=bounds, relative_deciding=bounds)
        guard = replace(M, role="guardrail", margin=0.05)
        assert says(found, guard) == said
        assert (is_harmed(found, guard), is_safe(found, guard)) == (said == "harmed", said == "kept")


def test_a_relative_effect_that_is_unknown_excludes_nothing() -> None:
    found = replace(EFFECT, deciding=(-0.01, 0.01), relative_deciding=None)
    assert says(found, M) == "open"


def test_turning_keeps_the_order() -> None:
    assert turned(replace(M, better="lower"), (-1.0, 3.0)) == (-3.0, 1.0)
