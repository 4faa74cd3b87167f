"""Fields that are missing, or filled with one value: soon named, silent in health, said if unwatched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bentos.control.guard.context_shares import ContextShares
from bentos.control.guard.quantities import GONE, repeats_of, unknown_of
from monitoring.guard.guard import Guard
from tests.bentos.control.guard.asked import CONTEXT, asked, changed
from tests.models.contexts.town import reference, table


def shares() -> ContextShares:
    return ContextShares(reference(), table().declaration.spec)


def named_after(contexts: list[dict[str, object]], apart: float | None = None) -> tuple[str, int]:
    """The first quantity that trips, and after how many requests, `apart` seconds from each other."""
    watch = shares()
    guard = Guard("all", watch.quantities)
    for number, request in enumerate(changed(asked()[: len(contexts)], contexts)):
        time = request.time if apart is None else 3600.0 * 480_000 + apart * number
        trips = guard.look(watch.observe([replace(request, time=time)]), float(number))
        if trips:
            return trips[0].quantity, number + 1
    return "", len(contexts)


def test_health_is_silent() -> None:
    assert named_after([dict(each.context) for each in asked()]) == ("", len(asked()))


@pytest.mark.parametrize("apart", [None, 0.01])
def test_a_context_that_is_missing_is_named_within_fifty_requests(apart: float | None) -> None:
    """Nulls, or nothing at all; an hour apart, or a hundred a second."""
    after = named_after([dict.fromkeys(CONTEXT) for _ in range(60)], apart)
    assert after[0] == GONE
    assert after[1] < 50
    assert named_after([{} for _ in range(60)], apart) == after


def test_many_requests_of_a_moment_tell_of_a_field_once() -> None:
    """At night all of them lack the speed, and an hour's queue is everybody's: no fault of theirs."""
    night = [dict(asked()[0].context) for _ in range(500)]
    assert night[0]["speed"] is None
    assert named_after(night, 1.0) == ("", 500)


@pytest.mark.parametrize("value", [0.0, 21.5])
def test_a_field_that_is_filled_with_one_value_is_named(value: float) -> None:
    quantity, after = named_after([dict(each.context) | {"queue": value} for each in asked()[:100]])
    assert quantity == repeats_of("queue")
    assert after < 50


def test_a_category_in_another_spelling_is_named() -> None:
    """None of training's values, each of which may be as frequent as it was."""
    capitals = [dict(each.context) | {"sky": str(each.context["sky"]).upper()} for each in asked()[:100]]
    quantity, after = named_after(capitals)
    assert quantity == unknown_of("sky")
    assert after < 50


def test_what_can_not_be_told_is_not_watched_and_said() -> None:
    own = reference()
    never = replace(own.repeats["sky"], limit=None, why="80% of training has it")
    watch = ContextShares(replace(own, repeats=own.repeats | {"sky": never}), table().declaration.spec)
    assert watch.unwatched[repeats_of("sky")] == "80% of training has it"
    assert repeats_of("sky") not in {each.name for each in watch.quantities}


def test_other_viewers_of_a_request_do_not_count() -> None:
    watch = shares()
    [one] = asked()[:1]
    assert watch.observe([replace(one, first=False)]) == {each.name: [] for each in watch.quantities}
