"""Context that stands still or is out of range, told from context that repeats itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bentos.control.guard.context import ContextWatch, Moment, Stillness
from bentos.control.guard.quantities import range_of, special_of, still_of

HOUR = 3600.0


def moments(hours: int, frozen_from: int | None = None, broken: float | None = None) -> list[Moment]:
    """Three airports an hour: a feature that moves, one that changes daily, one that never does."""
    draw = np.random.default_rng(3)
    found: list[Moment] = []
    for hour in range(hours):
        for airport in range(3):
            value = draw.normal(50 + airport, 5)
            if frozen_from is not None and hour >= frozen_from:
                value = 50.0 + airport
            context = {"delay": round(float(abs(value)), 2), "weekday": hour // 24 % 7, "airport": airport}
            if broken is not None:
                context["delay"] *= broken
            found += [(hour * HOUR, context)] * 5  # five viewers ask
    return found


def test_context_that_stands_still_is_told_from_context_that_repeats() -> None:
    """Only what moved in the reference is watched for that, and five viewers are one observation."""
    watch = ContextWatch(["delay", "airport"], moments(500))
    names = [each.name for each in watch.quantities]
    assert names == [still_of("delay"), range_of("delay"), range_of("airport")]
    assert [each.name for each in watch.unwatched] == [still_of("airport")]
    healthy = watch.observe(moments(48))
    assert np.mean(healthy[still_of("delay")]) < 0.1
    assert len(healthy[range_of("delay")]) == 48 * 3
    frozen = ContextWatch(["delay"], moments(500)).observe(moments(48, frozen_from=24))
    assert np.mean(frozen[still_of("delay")][-60:]) == 1


@pytest.mark.parametrize("times", [-1.0, 100.0])
def test_context_out_of_range(times: float) -> None:
    """A sign that turned, or another unit."""
    watch = ContextWatch(["delay"], moments(100))
    assert np.mean(watch.observe(moments(100))[range_of("delay")]) == 0
    assert np.mean(watch.observe(moments(50, broken=times))[range_of("delay")]) > 0.95


def test_a_value_stands_still_where_it_was_there_a_span_ago() -> None:
    """Between one and two spans before; nobody can tell while nothing is known of then."""
    still = Stillness(4 * HOUR)
    assert [still.look(hour * HOUR, "a") for hour in range(4)] == [None] * 4
    assert still.look(4 * HOUR, "a") == 1.0
    assert still.look(4 * HOUR, "b") == 0.0
    assert still.look(9 * HOUR, "b") == 1.0  # from the fourth hour
    assert still.look(40 * HOUR, "b") is None  # of eight hours before nothing is known


def test_a_feature_that_seldom_varies_in_the_reference_is_not_watched() -> None:
    """A constant has no range, and text, truth and what is missing are no numbers."""
    reference: list[Moment] = [(hour * HOUR, {"flat": 2.0, "text": "a", "yes": True}) for hour in range(200)]
    watch = ContextWatch(["flat", "text", "yes", "missing"], reference)
    assert watch.quantities == []
    why = {each.name: each.why for each in watch.unwatched}
    assert why[range_of("flat")] == "it was 2 all of the time in training"
    assert why[range_of("text")] == "0 numbers in training: 50 are needed"
    assert why[still_of("flat")].startswith("it is where it was too often in training, or seen too rarely: 1")
    assert len(why) == 8


def test_a_short_reference_watches_nothing() -> None:
    watch = ContextWatch(["delay", "airport"], moments(3))
    assert watch.quantities == []
    assert {each.name for each in watch.unwatched} == {
        name for of in (still_of, range_of) for name in (of("delay"), of("airport"))
    }


@pytest.mark.parametrize("value", [None, "60", float("nan"), True])
def test_what_is_no_number_is_not_out_of_range(value: Any) -> None:
    """It is another check's business."""
    watch = ContextWatch(["delay"], moments(100))
    assert watch.observe([(0.0, {"delay": value})])[range_of("delay")] == []


def test_limits_say_where_they_come_from() -> None:
    still, span, airport = ContextWatch(["delay", "airport"], moments(500)).quantities
    assert still.clock == span.clock == airport.clock == "minutes"
    assert still.limit >= 0.3
    assert still.source.endswith("in training; a span of 2 h")
    assert (airport.limit, airport.source) == (0.25, "0 to 4: nearly all of 7500 in training, widened")


def test_special_values_are_no_range_and_their_share_is_watched() -> None:
    """-9 is in no range; twice as many of them is a fault of its own, and another unit is still found."""
    special = {"delay": (-9.0,)}
    reference: list[Moment] = [
        (time, {"delay": -9.0 if place % 10 == 0 else context["delay"]})
        for place, (time, context) in enumerate(moments(200))
    ]
    watch = ContextWatch(["delay"], reference, special)
    assert "-" not in next(each.source for each in watch.quantities if each.name == range_of("delay"))
    [share] = [each for each in watch.quantities if each.name == special_of("delay")]
    assert share.source.endswith("in training")
    found = watch.observe([(hour * HOUR, {"delay": -9.0}) for hour in range(40)])
    assert found[range_of("delay")] == []
    assert np.mean(found[special_of("delay")]) == 1 > share.limit
    healthy = ContextWatch(["delay"], reference, special).observe(reference)
    assert np.mean(healthy[special_of("delay")]) < share.limit
    assert np.mean(watch.observe(moments(50, broken=100.0))[range_of("delay")]) > 0.9
    most: list[Moment] = [(time, {"delay": -9.0}) for time, _ in reference]
    assert special_of("delay") in {each.name for each in ContextWatch(["delay"], most, special).unwatched}
