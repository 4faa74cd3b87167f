"""What is watched, and what is not, as values."""

from __future__ import annotations

from monitoring.guard.evidence import Odds
from monitoring.guard.quantity import Quantity, Unwatched


def test_two_quantities_are_the_same_where_all_of_them_is() -> None:
    """So that a guard knows what goes on, and what begins anew."""
    one = Quantity("order", "minutes", 0.35, "rule", against="2")
    assert one == Quantity("order", "minutes", 0.35, "rule", Odds(), "2")
    assert one != Quantity("order", "minutes", 0.35, "rule", against="3")
    assert Unwatched("order", "minutes", "a") != Unwatched("order", "minutes", "b")
