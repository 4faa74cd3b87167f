"""What began to serve is watched; what can't be is said, and keeps nothing else from being watched."""

from __future__ import annotations

from bentos.control.guard.health import TAKE_UP
from bentos.control.guard.stopper import ALL
from bentos.control.guard.take_up import compared_with
from bentos.home.state import CHALLENGER, CHAMPION, Served, State
from models.package import DECLARATION
from tests.bentos.control.guard.staged import answer, look
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
