"""Declared invariants over different requests, and through a guard that names the one that does not hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bentos.control.guard.different_requests import AskedItems, AskedRequest
from bentos.control.guard.invariants import InvariantWatch
from bentos.control.guard.quantities import ALL, INVARIANTS, broken_of
from bentos.home.evidence import read_all
from bentos.home.stops import Stops
from models.features import FeatureSpec
from tests.bentos.control.guard.staged import answer, look
from tests.faults.months import Stage

SPEC = FeatureSpec(("hour",), (), ("hour",), (), (), ("hour",))
HOURS = broken_of("context.hour = item.hour")


def asked(hour: float | None, *of_items: float) -> AskedRequest:
    features = {"hour": np.array(of_items, np.float32)}
    items = AskedItems(features, len(of_items), 0.0) if of_items else None
    return AskedRequest(0.0, {"hour": hour}, "s", items, True)


def test_one_observation_for_each_request_that_has_the_fields() -> None:
    watch = InvariantWatch(["context.hour = item.hour", "context.hour <= 23"], SPEC)
    requests = [asked(7, 7, 7), asked(8, 8, 7), asked(99), asked(None, 7), asked("bad", 7)]  # type: ignore[arg-type]
    assert watch.observe(requests) == {HOURS: [0.0, 1.0], broken_of("context.hour <= 23"): [0.0, 0.0, 1.0]}
    assert [each.name for each in watch.quantities] == [HOURS, broken_of("context.hour <= 23")]


def test_what_a_champion_has_not_is_not_watched_and_said() -> None:
    watch = InvariantWatch(["context.day = 1", "context.hour ="], SPEC)
    assert watch.quantities == []
    assert watch.unwatched[broken_of("context.day = 1")].startswith("names context.day")
    assert watch.unwatched[broken_of("context.hour =")].startswith("has nothing on one side")


@pytest.fixture
def declared(guarded: Stage) -> Stage:
    """The stage with two invariants in its ranker.toml; the guard has begun."""
    path = Path(guarded.watcher.stopper.breaker._declaration)
    lines = 'invariants = ["context.hour <= 12", "item.rating <= 5"]'
    path.write_text(path.read_text().replace("[expect]\n", f"[expect]\n{lines}\n"))
    guarded.watcher.stopper.breaker.look()
    guarded.watcher.look()
    return guarded


def test_the_trip_names_the_invariant(declared: Stage) -> None:
    """Hours after twelve break it; the version stays, and the record says which invariant it is."""
    name = broken_of("context.hour <= 12")
    morning = [answer(declared, number) for number in range(24 * 3) if number % 24 <= 12]
    look(declared, morning)
    assert declared.watcher.guard(ALL).report()[name]["mean"] == 0
    look(declared, [answer(declared, number) for number in range(100, 140) if number % 24 > 12])
    [stop] = Stops.of(declared.home).all()
    assert (stop.kind, stop.subject) == ("shared", INVARIANTS)
    assert stop.evidence.startswith(name)
    rows = read_all(declared.home)[ALL]["quantities"]
    assert rows[broken_of("item.rating <= 5")]["observations"] > 0
    assert rows[name]["source"] == "[expect] invariants"
