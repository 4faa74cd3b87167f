"""What an effect says of its metric, whichever direction is the good one."""

from math import inf
from typing import Literal

from experiments.analysis.effects import Effect
from experiments.analysis.question import Measure

Says = Literal["better", "worse", "excluded", "open", "kept", "harmed"]


def turned(measure: Measure, bounds: tuple[float, float]) -> tuple[float, float]:
    """The interval turned so that above 0 is better."""
    low, high = bounds
    return (low, high) if measure.better == "higher" else (-high, -low)


def relative_gain(effect: Effect, measure: Measure) -> tuple[float, float]:
    """The relative interval turned so that above 0 is better; all there is where it isn't known."""
    return (-inf, inf) if effect.relative_deciding is None else turned(measure, effect.relative_deciding)


def is_harmed(effect: Effect, measure: Measure) -> bool:
    """Whether a guardrail is surely worse, by more than its margin where it has one."""
    if not measure.margin:
        return turned(measure, effect.deciding)[1] < 0
    return relative_gain(effect, measure)[1] < -measure.margin


def is_safe(effect: Effect, measure: Measure) -> bool:
    """Whether a guardrail is surely not worse by more than its margin."""
    return relative_gain(effect, measure)[0] > -(measure.margin or 0.0)


def says(effect: Effect, measure: Measure) -> Says:
    """In one word: of a guardrail harmed, kept (within its margin) or open; else better or worse for sure, a
    gain that matters excluded, or open.
    """
    if measure.role == "guardrail":
        return "harmed" if is_harmed(effect, measure) else "kept" if is_safe(effect, measure) else "open"
    low, high = turned(measure, effect.deciding)
    if high < 0 or low > 0:
        return "worse" if high < 0 else "better"
    return "excluded" if relative_gain(effect, measure)[1] < measure.effect else "open"
