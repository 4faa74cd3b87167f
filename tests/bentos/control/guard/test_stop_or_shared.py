"""What follows from a trip: one version's fault stops it, a fault of all stops none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bentos.control.guard.pair import Repute
from bentos.control.guard.quantities import APART, FILES, ORDER, SERVED
from bentos.control.guard.stop_or_shared import Standing, act, released
from tests.bentos.control.guard.examples import trip

SERVING = Standing(frozenset({"3", "4"}), "3", {})


def test_one_version_that_trips_stops() -> None:
    assert act(trip("3"), {"3": [trip("3")], "4": []}, SERVING).stop == trip("3")


def test_what_is_stopped_or_known_to_be_shared_is_left_alone() -> None:
    trips = {"3": [trip("3")]}
    nothing = (None, None, ())
    for standing in (Standing(frozenset({"4"}), "4", {"3": "unsound scores"}),
                     Standing(frozenset({"3"}), "3", {}, frozenset({"unsound scores"}))):  # fmt: skip
        found = act(trip("3"), trips, standing)
        assert (found.stop, found.shared, found.release) == nothing


def test_all_versions_on_one_quantity_are_not_to_blame() -> None:
    """The second one to trip releases the first; on another quantity, or a day later, it stops too."""
    standing = Standing(frozenset({"4"}), "2", {"3": "unsound scores"})
    second = trip("4", time=150.0)
    found = act(second, {"3": [trip("3")], "4": [second]}, standing)
    assert (found.stop, found.shared, found.release) == (None, second, ("3",))
    for late in (trip("4", time=86500.0), trip("4", "slow answers")):
        assert act(late, {"3": [trip("3")], "4": [late]}, standing).stop == late


def test_who_took_over_and_trips_alike_ends_the_chain() -> None:
    """Whatever a challenger without traffic has, or has not, shown."""
    standing = Standing(frozenset({"2", "4"}), "2", {"3": "unsound scores"}, after="3")
    second = trip("2", time=150.0)
    found = act(second, {"3": [trip("3")], "2": [second], "4": []}, standing)
    assert (found.shared, found.release) == (second, ("3",))


def test_a_promoted_champion_that_trips_alike_waits_for_the_challenger() -> None:
    """It did not take over from the stopped one, so the challenger's word is heard: it has not tripped."""
    standing = Standing(frozenset({"2", "4"}), "2", {"3": "unsound scores"})
    second = trip("2", time=150.0)
    assert act(second, {"3": [trip("3")], "2": [second], "4": []}, standing).stop == second


def test_only_versions_stopped_for_the_quantity_are_released() -> None:
    standing = Standing(
        frozenset({"4"}), "4", {"1": "slow answers", "3": "unsound scores", "2": "unsound scores"}
    )
    second = trip("4", time=150.0)
    trips = {"2": [trip("2")], "3": [trip("3")], "4": [second], "1": [trip("1", "slow answers")]}
    assert act(second, trips, standing).release == ("2", "3")


APART_TRIP = replace(trip("3", APART), against="2", clock="minutes")
BOTH = Standing(frozenset({"2", "3"}), "2", {}, reputes={"2": Repute("2", passed=False), "3": Repute("3")})


def test_of_two_that_disagree_the_suspect_stops() -> None:
    """Whichever of them it was that was observed; the sentence says which of the two, and why."""
    found = act(APART_TRIP, {"3": [APART_TRIP]}, BOTH).stop
    assert found is not None
    assert (found.version, found.against) == ("2", "3")
    assert found.evidence.endswith("; of versions 3 and 2, 2 is stopped: it did not pass the gate")
    clean = replace(BOTH, reputes={each: Repute(each) for each in ("2", "3")})
    younger = act(APART_TRIP, {"3": [APART_TRIP]}, clean).stop
    assert younger is not None
    assert (younger.version, younger.against) == ("3", "2")


def test_a_suspect_that_does_not_serve_is_not_stopped() -> None:
    """And neither is the other one."""
    alone = replace(BOTH, serving=frozenset({"3"}), champion="3")
    found = act(APART_TRIP, {"3": [APART_TRIP]}, alone)
    assert (found.stop, found.shared, found.release) == (None, None, ())


def test_two_orders_that_disagree_are_no_fault_that_they_share() -> None:
    """Though both may have tripped on it, one after the other."""
    both = {"3": [APART_TRIP], "2": [replace(APART_TRIP, version="2", against="3")]}
    assert act(APART_TRIP, both, BOTH).shared is None


@pytest.mark.parametrize(("quantity", "free"), [(ORDER, ("3",)), (SERVED, ("3",)), (FILES, ()), (APART, ())])
def test_outcomes_decide(quantity: str, free: tuple[str, ...]) -> None:
    """The suspect of two is released once the other one is known to have been the wrong one."""
    assert released("2", quantity, {"3": "2", "4": "1"}) == free
    late = replace(trip("2", quantity), clock="hours", mean=0.49)
    standing = Standing(frozenset({"2"}), "2", {"3": APART}, opposed={"3": "2"})
    if quantity in (ORDER, FILES):
        assert act(late, {"2": [late], "3": []}, standing).release == free
