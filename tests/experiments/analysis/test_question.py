"""A question knows its arms, and shares the level among its tests."""

from dataclasses import replace

import pytest

from experiments.analysis.question import Measure, Question
from tests.experiments.analysis.frames import question


def test_the_control_comes_first() -> None:
    """Then the other arms of every phase, by name."""
    weights = {"x": {"z": 0.5, "control": 0.5}, "y": {"b": 0.2, "control": 0.8}}
    assert Question("control", weights, ()).arms == ("control", "b", "z")
    assert Question("control", {}, ()).arms == ("control",)


def test_levels_are_shared_as_bonferroni_does() -> None:
    """The primary metric keeps its level among metrics; arms share it, and so do all other metrics."""
    primary, second, third = (
        Measure(n, n, role=r) for n, r in (("p", "primary"), ("g", "guardrail"), ("s", "secondary"))
    )  # type: ignore[arg-type]
    asks = question(primary, second, third)
    assert asks.level_of(primary) == 0.95
    assert asks.level_of(second) == pytest.approx(0.975)
    three = replace(asks, weights={"": {"a": 0.4, "b": 0.3, "c": 0.3}})
    assert three.level_of(primary) == pytest.approx(0.975)
    assert three.level_of(third) == pytest.approx(0.9875)


def test_a_part_of_the_table_is_asked_the_same_without_slices_and_trigger() -> None:
    """Slices within slices would share the level twice."""
    asks = question(slices=("airport",), trigger="could", days=3.0)
    assert asks.without_slices() == question(days=3.0)
