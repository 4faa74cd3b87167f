"""Faults in the contexts of the flights, under a guard that reads the log: how soon each is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bentos.control.guard.quantities import GONE, JOINT, LATE, OWN, TOGETHER
from bentos.home.stops import Stops
from models.table.requests import TableRequest
from tests.faults.shop import Shop
from tests.faults.test_guard_months import day, flights, requests, staged

__all__ = ["flights"]  # the fixture

VIEWERS = 2
Contexts = list[dict[str, Any]]
Fault = Callable[[list[TableRequest], Contexts], Contexts]


def null(_: list[TableRequest], contexts: Contexts) -> Contexts:
    return [dict.fromkeys(context) for context in contexts]


def of_another_airport(asked: list[TableRequest], contexts: Contexts) -> Contexts:
    """In the same hour."""
    hours: dict[float, list[int]] = {}
    for place, request in enumerate(asked):
        hours.setdefault(request.time, []).append(place)
    return [
        contexts[next((other for other in hours[request.time] if other != place), place)]
        for place, request in enumerate(asked)
    ]


def shuffled(asked: list[TableRequest], contexts: Contexts) -> Contexts:
    """Among the requests of a day."""
    key = np.array([request.time // 86400 for request in asked]) + np.random.default_rng(4).random(len(asked))
    return [contexts[place] for place in np.argsort(key)]


def an_hour_late(asked: list[TableRequest], contexts: Contexts) -> Contexts:
    last: dict[str, dict[str, Any]] = {}
    found = []
    for request, context in zip(asked, contexts, strict=True):
        airport = str(request.key).split("/")[1]
        found.append(last.get(airport, context))
        last[airport] = context
    return found


def _a_third(contexts: Contexts, value: Callable[[str], Any]) -> Contexts:
    draw = np.random.default_rng(4)
    return [
        {name: value(name) if draw.random() < 0.3 else own for name, own in each.items()} for each in contexts
    ]


def a_third_at_the_median(_: list[TableRequest], contexts: Contexts) -> Contexts:
    medians = {
        name: float(np.median([each[name] for each in contexts if each[name] is not None]))
        for name in contexts[0]
    }
    return _a_third(contexts, medians.__getitem__)


def a_third_zero(_: list[TableRequest], contexts: Contexts) -> Contexts:
    return _a_third(contexts, lambda name: 0.0)


def a_third_of_others(_: list[TableRequest], contexts: Contexts) -> Contexts:
    draw = np.random.default_rng(5)
    return _a_third(contexts, lambda name: contexts[int(draw.integers(len(contexts)))][name])


FAULTS: list[tuple[Fault, str, int]] = [
    (null, GONE, 50),
    (of_another_airport, OWN, 200),
    (shuffled, OWN, 200),
    (an_hour_late, LATE, 1000),
    (a_third_at_the_median, TOGETHER, 500),
    (a_third_zero, TOGETHER, 500),
    (a_third_of_others, JOINT, 500),
]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("fault", "quantity", "within"), FAULTS)
def test_a_fault_of_contexts_is_named(
    flights: Shop, tmp_path: Path, fault: Fault, quantity: str, within: int
) -> None:
    """After ten healthy days in June; the version stays, and the record counts the answers."""
    asked = requests(flights, day(6, 4), day(6, 25))
    contexts = fault(asked, [dict(request.context) for request in asked])
    broken = [replace(request, context=context) for request, context in zip(asked, contexts, strict=True)]
    with staged(flights, tmp_path) as stage:
        healthy = stage.run(requests(flights, day(5, 25), day(6, 4)), VIEWERS, share=0.01)
        assert healthy.stops == []
        month = stage.run(broken, VIEWERS, share=0.01, broken_from=0.0)
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
