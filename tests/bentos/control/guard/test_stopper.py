"""Stops on record, and what serves instead."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bentos.control.guard.file_proofs import Finding
from bentos.control.guard.pair import Repute
from bentos.control.guard.quantities import ALL, APART, FILES, ORDER, UNSOUND, still_of
from bentos.home.journal import decisions
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHAMPION, Served, kept_beside, write_state
from bentos.home.stops import Cleared, Stops
from models.gate.verdict import Check, Result, Verdict
from monitoring.log.struck import read
from tests.bentos.control.guard.examples import trip
from tests.bentos.control.guard.staged import NOT_FINITE, answer, look, state_of
from tests.faults.months import Stage


def test_what_all_versions_share_stops_none(stage: Stage) -> None:
    """The second to trip releases the first, and the quantity is not acted on again."""
    look(stage, [answer(stage, n, "2", fallback=NOT_FINITE) for n in range(20)])
    assert list(state_of(stage).stopped) == ["2"]
    state = look(stage, [answer(stage, 50 + n, "1", fallback=NOT_FINITE) for n in range(20)])
    assert (state.stopped, state.champion) == ({}, "1")
    shared = Stops.of(stage.home).active("shared")
    assert list(shared) == [UNSOUND]
    assert shared[UNSOUND].done == "it is not the version: the champion keeps serving"
    epoch = look(stage, [answer(stage, 90 + n, "1", fallback=NOT_FINITE) for n in range(50)]).epoch
    assert state_of(stage).epoch == epoch == state.epoch


def test_a_trip_is_on_record_before_the_state_moves(stage: Stage) -> None:
    """And the stop says afterwards what serves instead; so does the journal."""
    stopper = stage.watcher.stopper
    seen: list[str] = []
    moved = stopper.move

    def move() -> object:
        seen.extend(stop.done for stop in stopper.breaker.stops.all())
        return moved()

    stopper.move = move
    stage.now = 50.0
    one = trip("2")
    stopper.act_on_trip(one, {"1": [], "2": [one]})
    assert seen == ["being stopped"]
    [stop] = stopper.breaker.stops.all()
    assert (stop.kind, stop.subject, stop.quantity, stop.time) == ("version", "2", "unsound scores", 50.0)
    assert (stop.evidence, stop.done) == (one.evidence, "its arms fall to the champion")
    assert list(state_of(stage).stopped) == ["2"]
    [*_, line] = decisions(stage.home)
    assert (line["event"], line["why"], line["done"]) == ("guard stopped", stop.why, stop.done)
    assert (line["subject"], line["kind"], line["epoch"]) == ("2", "version", state_of(stage).epoch)


def test_the_champion_before_takes_over(stage: Stage) -> None:
    """And if that one trips on the same, the fault is shared and the first serves again."""
    stopper = stage.watcher.stopper
    state = msgspec.structs.replace(
        state_of(stage), versions={CHAMPION: "1"}, previous=(Served("2", 0.0, 1.0),)
    )
    write_state(stage.home.state, state)
    first, second = trip("1"), trip("2", time=150.0)
    stopper.act_on_trip(first, {"1": [first]})
    assert stopper.breaker.stops.active("version")["1"].done == "version 2 serves"
    assert state_of(stage).champion == "2"
    stopper.act_on_trip(second, {"1": [first], "2": [second]})
    assert stopper.breaker.stops.active("version") == {}
    assert list(stopper.breaker.stops.active("shared")) == ["unsound scores"]
    [*_, line] = decisions(stage.home)
    assert (line["event"], line["released"]) == ("shared fault", ["1"])


def test_the_last_version_stays_and_answers_in_the_fallback_order(stage: Stage) -> None:
    write_state(stage.home.state, msgspec.structs.replace(state_of(stage), versions={CHAMPION: "1"}))
    one = trip("1")
    stage.watcher.stopper.act_on_trip(one, {"1": [one]})
    [stop] = Stops.of(stage.home).all()
    assert stop.done == "no other version is there: its answers are in the fallback order (as given)"
    assert (state_of(stage).champion, list(state_of(stage).stopped)) == ("1", ["1"])


def test_a_fault_of_the_context_is_one_fault_with_many_quantities(stage: Stage) -> None:
    """Features that fail together are put on record together, and stop no version."""
    stopper = stage.watcher.stopper
    for name in ("delay", "pressure", "delay"):  # the last one by a Steward that was started since
        one = trip(ALL, still_of(name))
        stopper.act_on_trip(one, {ALL: [one]})
    [stop] = stopper.breaker.stops.all()
    assert (stop.kind, stop.subject) == ("shared", "context stands still")
    assert stop.quantity == "delay stands still, pressure stands still"
    assert stop.done == "it is not the version: the champion keeps serving"
    assert state_of(stage).stopped == {}
    assert [line["event"] for line in decisions(stage.home)].count("shared fault") == 1


def test_a_finding_is_acted_on_once(stage: Stage) -> None:
    """It stops a version that other versions may serve for, without being asked for theirs."""
    finding = Finding("version", "2", FILES, "model.cb: sha256 differs")
    for _ in range(2):
        stage.watcher.stopper.act_on_finding(finding)
    [stop] = Stops.of(stage.home).all()
    assert stop.why == "files: model.cb: sha256 differs"
    assert [line["event"] for line in decisions(stage.home)].count("guard stopped") == 1


def test_nothing_is_stopped_before_anything_serves(stage: Stage) -> None:
    stage.home.state.unlink()
    kept_beside(stage.home.state).unlink()
    one = trip("1")
    stage.watcher.stopper.act_on_trip(one, {"1": [one]})
    stage.watcher.stopper.act_on_finding(Finding("version", "1", FILES, "gone"))
    assert Stops.of(stage.home).all() == []


def test_the_suspect_of_two_is_released_once_outcomes_have_decided(stage: Stage) -> None:
    """Nothing else told the two from each other, so it had been the younger one."""
    stopper = stage.watcher.stopper
    apart = replace(trip("2", APART), against="1")
    stopper.act_on_trip(apart, {"1": [], "2": [apart]}, Repute)
    [stop] = stopper.breaker.stops.all()
    assert (stop.subject, stop.against, list(state_of(stage).stopped)) == ("2", "1", ["2"])
    assert "of versions 2 and 1, 2 is stopped: nothing else tells it from version 1" in stop.evidence
    wrong = replace(trip("1", ORDER), clock="hours", mean=0.49)
    stopper.act_on_trip(wrong, {"1": [wrong], "2": []}, Repute)
    assert list(stopper.breaker.stops.active("version")) == ["1"]
    [*_, line] = decisions(stage.home)
    assert (line["event"], line["subject"], line["released"]) == ("guard stopped", "1", ["2"])


def test_the_champion_that_did_not_pass_is_the_suspect(stage: Stage) -> None:
    """The healthy challenger's answers show it, and what takes over is not the champion."""
    one = replace(trip("2", APART), against="1")
    stage.watcher.stopper.act_on_trip(
        one, {"1": [], "2": [one]}, lambda version: Repute(version, passed=version != "1")
    )
    [stop] = Stops.of(stage.home).all()
    assert (stop.subject, stop.against, stop.done) == ("1", "2", "version 2 serves")
    assert state_of(stage).champion == "2"


def test_outcomes_that_turn_are_suspected_and_nothing_is_stopped(stage: Stage) -> None:
    """Until a person has a word: then the next turn stops the version."""
    stopper, home = stage.watcher.stopper, stage.home
    turned = replace(trip("1", ORDER, time=5.0), clock="hours", mean=0.7, limit=0.47, since=77.0)
    stage.now = 100.0
    upside = Check("sign on recent decisions", Result.REJECT, "upside down")
    Rulings.of(home).put(Ruling(1.0, Verdict("small", "3", (upside,), 1.0, 0.1)))
    for _ in range(2):
        stopper.act_on_trip(turned, {"1": [turned], "2": []})
    assert [each.verdict.version for each in Rulings.of(home).all() if each.anew] == ["3"]
    [stop] = Stops.of(home).all()
    assert (stop.kind, stop.subject, stop.quantity, stop.since) == ("outcomes", "outcomes", ORDER, 77.0)
    why = "version 1 passed the gate and leads; its scores and features stay as they were"
    assert stop.evidence.endswith(f"; the outcomes are suspected, not the version: {why}")
    assert state_of(stage).stopped == {}
    assert [(each.since, each.until) for each in read(home.log, suspected=True)] == [(77.0, None)]
    assert [line["event"] for line in decisions(home)].count("outcomes suspected") == 1
    assert any("outcomes are suspected" in each for each in stopper.breaker.problems())
    Stops.of(home).put(msgspec.structs.replace(stop, cleared=Cleared("ann", "they are right", 100.0)))
    stopper.act_on_trip(turned, {"1": [turned], "2": []})
    assert list(state_of(stage).stopped) == ["1"]


def test_a_version_that_was_stopped_first_is_released(stage: Stage) -> None:
    """It turned out that the other one's outcomes have turned as well, on the same day."""
    stopper = stage.watcher.stopper
    first = replace(trip("2", ORDER), clock="hours", since=1000.0, mean=0.49)
    stopper.act_on_trip(first, {"1": [], "2": [first]})
    assert list(state_of(stage).stopped) == ["2"]
    second = replace(trip("1", ORDER), clock="hours", since=2000.0, mean=0.49)
    row = {
        "limit": 0.47,
        "observations": 99,
        "evidence": 1.0,
        "change": {"since": 1000.0},
        "lately": (20, 0.6),
    }
    stopper.act_on_trip(second, {"1": [second], "2": [first]}, Repute, {"2": {ORDER: row}})
    assert state_of(stage).stopped == {}
    assert [each.kind for each in Stops.of(stage.home).all()] == ["outcomes"]
    [*_, line] = decisions(stage.home)
    assert line["released"] == ["2"]
