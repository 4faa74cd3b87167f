"""What is not to be believed of a number, given what the reference had."""

from __future__ import annotations

import pytest

from monitoring.guard.bounds import Bounds


def test_bounds_know_what_was_never_negative() -> None:
    assert Bounds.of([2.0, 12.0]) == Bounds(0.0, 22.0)
    assert Bounds.of([-2.0, 8.0]) == Bounds(-12.0, 18.0)


@pytest.mark.parametrize(
    ("value", "outside"), [(-12.0, 0.0), (18.0, 0.0), (3.0, 0.0), (-12.001, 1.0), (18.001, 1.0)]
)
def test_both_ends_are_inside(value: float, outside: float) -> None:
    assert Bounds(-12.0, 18.0).outside(value) == outside


def test_what_is_no_number_is_outside() -> None:
    """NaN compares with nothing."""
    assert Bounds(0.0, 1.0).outside(float("nan")) == 1.0
    assert Bounds(0.0, 1.0).outside(float("inf")) == 1.0


def test_a_reference_of_one_value_has_no_width() -> None:
    assert Bounds.of([4.0]) == Bounds(4.0, 4.0)
    assert Bounds.of([1.0, 12.0]).low == 0.0, "widened it would be below 0, where nothing ever was"


def test_a_few_far_values_hide_no_other_unit() -> None:
    """Minutes, of which some are days: a value that is 60 times as large is out of bounds."""
    minutes = [float(n % 90) for n in range(1000)] + [2000.0] * 5
    assert Bounds.of(minutes).outside(60 * 45.0) == 0.0
    assert Bounds.usual(minutes).outside(60 * 45.0) == 1.0
    assert not any(map(Bounds.usual(minutes).outside, minutes[:1000]))


def test_where_most_values_are_one_the_others_say_how_far_they_go() -> None:
    """Rain, of which there mostly is none."""
    rain = [0.0] * 5000 + [n / 10 for n in range(1, 101)]
    bounds = Bounds.usual(rain)
    assert bounds.low == 0.0
    assert 19 <= bounds.high <= 20
    assert Bounds.usual([0.0] * 99 + [1.0]) == Bounds(0.0, 2.0)


def test_a_few_values_below_zero_are_enough_to_have_had_some() -> None:
    early = [*map(float, range(1000)), -3.0]
    assert Bounds.usual(early).low < -900
