"""Contexts that are not what training's were, through a guard: how soon faults are named, silence in health.

The town's table after the training's window is a third table beside the small one and the flights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bentos.control.guard.context_fit import ContextFit
from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.quantities import CHANGE, JOINT, LATE, OWN
from models.contexts import reference as tests
from monitoring.guard.guard import Guard
from tests.bentos.control.guard.asked import CONTEXT, asked, changed
from tests.models.contexts.town import HOUR, reference, table

Contexts = list[dict[str, Any]]


def fit() -> ContextFit:
    return ContextFit(reference(), table().declaration.spec)


def named_after(requests: list[AskedRequest], at_once: int = 5) -> dict[str, int]:
    """By quantity that trips, after how many requests; looks of some requests each."""
    watch = fit()
    guard = Guard("all", watch.quantities)
    found: dict[str, int] = {}
    for low in range(0, len(requests), at_once):
        trips = guard.look(watch.observe(requests[low : low + at_once]), float(low))
        found |= {trip.quantity: low + at_once for trip in trips}
    return found


def contexts() -> Contexts:
    return [dict(each.context) for each in asked()]


def swapped(_: np.random.Generator) -> Contexts:
    """Of another zone in the same hour."""
    own = contexts()
    return [own[place // 3 * 3 + (place + 1) % 3] for place in range(len(own))]


def shuffled(draw: np.random.Generator) -> Contexts:
    """Among the requests of a day."""
    own = contexts()
    return [
        own[place]
        for low in range(0, len(own), 72)
        for place in low + draw.permutation(len(own[low : low + 72]))
    ]


def late(_: np.random.Generator) -> Contexts:
    """Of the same zone, an hour before."""
    own = contexts()
    return [*own[:3], *own[:-3]]


def a_third_wrong(draw: np.random.Generator) -> Contexts:
    """A third of every context's fields are of another request."""
    own = contexts()
    others = [own[place] for place in draw.permutation(len(own))]
    return [
        {name: (other if draw.random() < 0.3 else context)[name] for name in CONTEXT}
        for context, other in zip(own, others, strict=True)
    ]


FAULTS: list[tuple[Callable[[np.random.Generator], Contexts], str, int]] = [
    (swapped, OWN, 200),
    (shuffled, OWN, 200),
    (shuffled, CHANGE, 500),
    (late, LATE, 1000),
    (a_third_wrong, JOINT, 500),
]


@pytest.mark.parametrize(("fault", "quantity", "within"), FAULTS)
def test_a_fault_is_named_by_what_it_is(
    fault: Callable[[np.random.Generator], Contexts], quantity: str, within: int
) -> None:
    found = named_after(changed(asked(), fault(np.random.default_rng(4))))
    print(f"{fault.__name__}: {found}")
    assert found.get(quantity, within) < within


@pytest.mark.parametrize("at_once", [1, 200])
def test_health_is_silent_however_fast_requests_come(at_once: int) -> None:
    assert named_after(asked(), at_once) == {}


def test_healthy_bodies_without_a_time_are_silent_and_a_swap_in_them_is_named() -> None:
    """A hundred a second, whatever hours they are of: changes from hour to hour are not looked at then."""
    fast = [replace(each, time=1.7e9 + number / 100) for number, each in enumerate(asked())]
    assert named_after(fast) == {}
    mixed = np.random.default_rng(1).permutation(len(fast)).tolist()
    assert named_after([fast[place] for place in mixed]) == {}
    faulty = [replace(each, time=1.7e9 + n / 100) for n, each in enumerate(changed(asked(), swapped(None)))]  # type: ignore[arg-type]
    assert named_after(faulty)[OWN] < 200


def test_alike_contexts_of_one_moment_are_no_exchange() -> None:
    """Fifty lists of the same zone and hour, with the same context: nothing there to tell."""
    one = asked()[300]
    found = fit().observe([replace(one, time=one.time + n) for n in range(50)])
    assert (found[OWN], found[LATE], found[CHANGE]) == ([], [], [])
    assert len(found[JOINT]) == 1


def test_what_training_could_not_learn_is_not_watched_and_says_why() -> None:
    own = reference()
    shown = {name: each for name, each in own.shown.items() if name in (tests.JOINT, tests.OWN)}
    less = replace(own, shown=shown, unlearnt={tests.LATE: "too alike", tests.CHANGE: "no times"})
    watch = ContextFit(less, table().declaration.spec)
    assert [each.name for each in watch.quantities] == [JOINT, OWN]
    assert watch.unwatched == {LATE: "too alike", CHANGE: "no times"}
    assert set(watch.observe(asked()[:40])) == {JOINT, OWN}
    assert replace(less, every=None).every is None
    assert own.every == HOUR


def test_limits_say_where_they_come_from_and_how_soon_a_fault_is_named() -> None:
    for quantity in fit().quantities:
        assert "held out" in quantity.source
        assert "named within" in quantity.source
        assert quantity.clock == "minutes"
