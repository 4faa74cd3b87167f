"""Fields that have few values, or tell the time of day: another unit and another clock are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bentos.control.guard.context import Moment
from bentos.control.guard.context_habits import ContextHabits
from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.quantities import clock_of, unknown_of

HOUR = 3600.0
KNOT = 1.15078  # miles per hour


def moments(count: int = 600, since: float = 0.0, seed: int = 1, **changed: Any) -> list[Moment]:
    """Requests at any time of day: whole knots of wind as miles per hour, an hour, minutes, a delay."""
    draw = np.random.default_rng(seed)
    times = since + np.cumsum(draw.exponential(0.7 * HOUR, count))
    winds = draw.binomial(30, 0.3, count) * KNOT
    found = []
    for time, wind in zip(times.tolist(), winds.tolist(), strict=True):
        own = {
            "wind": float(np.float32(wind)),
            "hour": time // HOUR % 24,
            "minutes": time / 60 % 1440,
            "delay": draw.normal(),
            "sky": "grey",
        }
        found.append((time, own | {name: change(own[name]) for name, change in changed.items()}))
    return found


NAMES = ("wind", "hour", "minutes", "delay", "sky")


def asked(found: list[Moment]) -> list[AskedRequest]:
    return [AskedRequest(time, context, "", None, True) for time, context in found]


def shares(found: list[Moment]) -> dict[str, float]:
    habits = ContextHabits(NAMES, moments())
    return {name: float(np.mean(said)) for name, said in habits.observe(asked(found)).items() if said}


def test_only_fields_with_a_habit_are_watched() -> None:
    """A delay has any value; what is no number has no row; health breaks no habit."""
    habits = ContextHabits(NAMES, moments())
    watched = [each.name for each in habits.quantities]
    assert watched == [unknown_of("wind"), clock_of("hour"), unknown_of("hour"), clock_of("minutes")]
    assert {each.limit for each in habits.quantities} == {0.3}
    later = shares(moments(since=1e7, seed=2))
    assert max(later.values()) < 0.01


@pytest.mark.parametrize("factor", [1.609, 0.447, 0.869])
def test_wind_in_another_unit_has_unknown_values(factor: float) -> None:
    """In km/h, m/s or knots it stays between the values that training had."""
    found = shares(moments(seed=2, wind=lambda value: value * factor))
    assert found[unknown_of("wind")] > 0.8


@pytest.mark.parametrize("off", [-6, -4, 2, 5, 12])
def test_an_hour_of_another_clock(off: int) -> None:
    """Every hour but those that summer time may make."""
    found = shares(moments(seed=2, hour=lambda hour: (hour + off) % 24))
    assert found[clock_of("hour")] > 0.85
    assert found[clock_of("minutes")] == 0.0


@pytest.mark.parametrize("off", [-1, 1])
def test_summer_time_is_no_fault(off: int) -> None:
    assert shares(moments(seed=2, hour=lambda hour: (hour + off) % 24))[clock_of("hour")] == 0.0


def test_values_beyond_all_of_training_are_not_its_business() -> None:
    """A storm stronger than any before: whether it is out of range is asked elsewhere."""
    habits = ContextHabits(("wind",), moments())
    found = habits.observe(asked([(0.0, {"wind": 80.0}), (0.0, {"wind": None}), (0.0, {})]))
    assert found == {unknown_of("wind"): []}


@pytest.mark.parametrize(("count", "off"), [(600, 11), (2000, 40)])
def test_a_habit_that_training_itself_did_not_keep(count: int, off: int) -> None:
    """Its clock was wrong for some requests in a row: a higher limit, or none, and the row says why."""
    reference = [
        (time, {"hour": (context["hour"] + 12 * (100 <= place < 100 + off)) % 24})
        for place, (time, context) in enumerate(moments(count))
    ]
    habits = ContextHabits(("hour",), reference)
    limits = {each.name: each.limit for each in habits.quantities}
    if off == 11:
        assert limits[clock_of("hour")] > 0.3
    else:
        why = habits.unwatched[clock_of("hour")]
        assert why == "40 of 2000 in training are off: more can't be told"


def test_few_requests_have_no_habits() -> None:
    habits = ContextHabits(NAMES, moments(100))
    assert (habits.quantities, habits.unwatched) == ([], {})
