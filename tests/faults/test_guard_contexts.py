"""Faults in the contexts of the flights, under a guard that reads the log: how soon each is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bentos.control.guard.quantities import CHANGE, GONE, JOINT, LATE, OWN, TOGETHER, range_of, unknown_of
from bentos.home.stops import Stops
from models.table.requests import TableRequest
from tests.faults.context_faults import (
    Contexts,
    Fault,
    a_third_of_others,
    a_third_usual,
    a_third_zero,
    all_frozen,
    broken,
    half_null,
    in_another_unit,
    null,
    renewed_every,
    shuffled,
)
from tests.faults.shop import Shop
from tests.faults.test_guard_months import day, flights, requests, staged

__all__ = ["flights"]  # the fixture

VIEWERS = 2


def of_another_airport(asked: list[TableRequest], contexts: Contexts) -> Contexts:
    """In the same hour."""
    hours: dict[float, list[int]] = {}
    for place, request in enumerate(asked):
        hours.setdefault(request.time, []).append(place)
    return [
        contexts[next((other for other in hours[request.time] if other != place), place)]
        for place, request in enumerate(asked)
    ]


def an_hour_late(asked: list[TableRequest], contexts: Contexts) -> Contexts:
    last: dict[str, dict[str, Any]] = {}
    found = []
    for request, context in zip(asked, contexts, strict=True):
        airport = str(request.key).split("/")[1]
        found.append(last.get(airport, context))
        last[airport] = context
    return found


FAULTS: list[tuple[Fault, str, int]] = [
    (null, GONE, 50),
    (half_null, CHANGE, 50),
    (all_frozen, "repeats one value", 50),
    (of_another_airport, OWN, 200),
    (shuffled, OWN, 200),
    (an_hour_late, LATE, 1000),
    (a_third_usual, TOGETHER, 500),
    (a_third_zero, TOGETHER, 500),
    (a_third_of_others, JOINT, 500),
    (in_another_unit("delay_1h", 60.0), range_of("delay_1h"), 200),
    (in_another_unit("late_3h", 60.0), "late_3h", 200),
    (
        in_another_unit("wind_speed", 1.609),
        unknown_of("wind_speed"),
        50,
    ),  # km/h for mph
    (in_another_unit("wind_speed", 0.447), unknown_of("wind_speed"), 50),  # m/s
    (renewed_every(6 * 3600.0), "stands still", 200),
]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("fault", "quantity", "within"), FAULTS)
def test_a_fault_of_contexts_is_named(
    flights: Shop, tmp_path: Path, fault: Fault, quantity: str, within: int
) -> None:
    """After ten healthy days in June; the version stays, and the record counts the answers."""
    asked = requests(flights, day(6, 4), day(6, 25))
    with staged(flights, tmp_path) as stage:
        healthy = stage.run(requests(flights, day(5, 25), day(6, 4)), VIEWERS, share=0.01)
        assert healthy.stops == []
        month = stage.run(broken(asked, fault), VIEWERS, share=0.01, broken_from=0.0)
        stops = Stops.of(stage.home).all()
    assert month.tripped_after is not None, f"{fault.__name__} was not named"
    print(f"| {fault.__name__} | {month.tripped_after // VIEWERS} | {[stop.quantity for stop in stops]} |")
    assert month.tripped_after // VIEWERS <= within
    assert {stop.kind for stop in stops} == {"shared"}
    assert any(quantity in stop.quantity for stop in stops)
    assert all(stop.answers > 0 for stop in stops)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_fifty_thousand_healthy_answers_raise_nothing(flights: Shop, tmp_path: Path) -> None:
    """April to the 29th of December; on the 30th the weather of the flights' table ends."""
    with staged(flights, tmp_path) as stage:
        year = stage.run(requests(flights, day(4, 1), day(12, 30)), viewers=4, share=0.01)
    print(f"{year.answers:,} healthy answers, {len(year.stops)} stops")
    assert year.answers > 50_000
    assert year.stops == []
