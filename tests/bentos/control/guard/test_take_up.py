"""What began to serve is watched; what can't be is said, and keeps nothing else from being watched."""

from __future__ import annotations

import shutil

import msgspec

from bentos.control.guard.health import TAKE_UP
from bentos.control.guard.quantities import ALL, APART, UNSOUND
from bentos.control.guard.take_up import compared_with
from bentos.home.state import CHALLENGER, CHAMPION, Served, State, write_state
from bentos.home.stops import Stop, Stops, clear
from models.package import DECLARATION
from tests.bentos.control.guard.staged import answer, look, score_all_again, state_of
from tests.faults.months import Stage


def test_one_version_that_cannot_be_read_keeps_no_other_from_being_watched(stage: Stage) -> None:
    """It is tried again at every look, and watched once it can be read."""
    fresh = stage.watcher = stage.control.watcher()
    declaration = stage.home.version("1") / DECLARATION
    away = declaration.rename(stage.home.folder / "away")
    look(stage, [answer(stage, 1, "2")])
    assert set(fresh._guards.versions) == {"2"}
    failure = fresh.health.failures()[TAKE_UP]
    assert failure.why.startswith("version 1 can't be watched: ")
    away.rename(declaration)
    look(stage, [])
    assert set(fresh._guards.versions) == {"1", "2"}
    assert fresh.guard(ALL).names
    assert TAKE_UP not in fresh.health.failures()


def test_a_version_is_compared_with_the_champion_and_that_one_with_the_one_before() -> None:
    """Unless a challenger is there, which is compared with it."""
    before = (Served("1", 0.0, 1.0), Served("2", 1.0, 2.0))
    alone = State(1, "small", "s", {CHAMPION: "3"}, previous=before, stopped={"2": "why"})
    assert compared_with("3", alone) == "1"
    both = State(1, "small", "s", {CHAMPION: "3", CHALLENGER: "4"}, previous=before)
    assert compared_with("3", both) is None
    assert compared_with("4", both) == "3"


def test_another_pair_begins_with_its_own_limit(stage: Stage) -> None:
    """Not with that of the pair before, nor with what was observed of it; and what it is held to is said."""
    score_all_again(stage)
    look(stage, [answer(stage, number, "2") for number in range(5)])
    guard = stage.watcher.guard("2")
    assert guard.report()[APART]["source"] == "0.00 on certified requests with version 1"
    assert guard.report()[APART]["observations"] == 5
    assert stage.watcher.guard("1").report()[APART]["source"].endswith("no other version to compare with")
    shutil.copytree(stage.home.version("1"), stage.home.version("3"))
    versions = {CHAMPION: "3", CHALLENGER: "2"}
    write_state(stage.home.state, msgspec.structs.replace(state_of(stage), versions=versions))
    look(stage, [answer(stage, 9, "2")])
    report = stage.watcher.guard("2").report()
    assert report[APART]["source"] == "0.00 on certified requests with version 3"
    assert (report[APART]["observations"], report[UNSOUND]["observations"]) == (1, 6)


def test_who_has_cleared_a_disagreement_has_decided(stage: Stage) -> None:
    """The two are not compared again: outcomes decide."""
    stop = Stop("version", "2", APART, "opposed", "its arms fall to the champion", 1.0, against="1")
    Stops.of(stage.home).put(stop)
    clear(stage.home, "2", "ann", "the labels were turned")
    look(stage, [])
    row = stage.watcher.guard("2").report()[APART]
    why = "it may differ from version 1: ann has cleared it: the labels were turned; outcomes decide"
    assert row["source"] == f"not watched: {why}"
