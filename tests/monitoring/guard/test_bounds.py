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
