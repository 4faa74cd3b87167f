"""What differs between two states is journaled part by part, and a stop is told from all else."""

from __future__ import annotations

import msgspec
import pytest

from bentos.control.state_changes import Grounds, changes, stops_something
from bentos.home.journal import Event
from bentos.home.state import CHALLENGER, CHAMPION, Served, State

GATE = "passed the gate"
OVERRIDE = "the gate said reject; overridden by ana until 2026-03-02T15:10+00:00: known"
GROUNDS = Grounds(may={"3": GATE, "4": GATE})
STATE = State(5, "small", "snap", {CHAMPION: "3"}, experiments="e1", previous=(Served("2", 0.0, 1.0),))


def moved(**parts: object) -> State:
    return msgspec.structs.replace(STATE, epoch=6, **parts)


def test_nothing_is_said_of_what_stayed() -> None:
    """A new epoch alone is no change."""
    assert list(changes(STATE, moved(), GROUNDS)) == []


def test_the_first_state_is_all_new() -> None:
    """Every version, and what came with it; corrections only where there are some."""
    told = list(changes(None, STATE, GROUNDS))
    assert told == [
        (
            Event.PROMOTED,
            "passed the gate",
            {"reference": CHAMPION, "version": "3", "before": None, "epoch": 5},
        ),
        (Event.EXPERIMENTS, "changed", {"before": "", "after": "e1", "epoch": 5}),
        (Event.SNAPSHOT, "changed", {"before": "", "after": "snap", "epoch": 5}),
    ]


@pytest.mark.parametrize(
    ("after", "asked", "why"),
    [
        (moved(versions={CHAMPION: "4"}, previous=(*STATE.previous, Served("3", 1.0, 2.0))), "4", GATE),
        (moved(versions={CHAMPION: "7"}, previous=(*STATE.previous, Served("3", 1.0, 2.0))), "7", OVERRIDE),
        (moved(versions={CHAMPION: "2"}, previous=()), "2", "rolled back; passed the gate"),
        (
            moved(versions={CHAMPION: "2"}, previous=(), stopped={"3": "slow"}),
            "3",
            "in the place of version 3: the guard stopped it: slow",
        ),
        (moved(versions={CHAMPION: "4"}, stopped={"3": "slow"}), "4", GATE),  # a person promoted it meanwhile
    ],
)
def test_why_a_champion_is_another(after: State, asked: str, why: str) -> None:
    """Promoted, overridden by whom, rolled back, or put in the place of one that the guard stopped."""
    grounds = Grounds(
        {CHAMPION: asked}, {"4": GATE, "2": GATE, "7": OVERRIDE}, {"3": "the guard stopped it: slow"}
    )
    [told] = changes(STATE, after, grounds)
    assert (told.event, told.why, told.facts["before"]) == (Event.PROMOTED, why, "3")


def test_other_references_come_and_go() -> None:
    """A challenger passed the gate whatever happens to the champion; what is no longer named is withdrawn."""
    both = moved(versions={CHAMPION: "3", CHALLENGER: "4"}, previous=())
    [came] = changes(STATE, both, GROUNDS)
    assert (came.event, came.why, came.facts["reference"]) == (
        Event.PROMOTED,
        "passed the gate",
        CHALLENGER,
    )
    [went] = changes(both, moved(versions={CHAMPION: "3"}), GROUNDS)
    assert went == (
        Event.WITHDRAWN,
        "the alias challenger is gone from the registry",
        {"reference": CHALLENGER, "before": "4", "epoch": 6},
    )


def test_why_a_reference_is_gone() -> None:
    """Stopped by the guard, its alias gone, or named by no experiment any more: three different things."""
    before = moved(versions={CHAMPION: "3", CHALLENGER: "4", "@old": "1", "7": "7"}, previous=())
    grounds = Grounds({CHAMPION: "3", CHALLENGER: "4"}, {}, {"4": "the guard stopped it: slow"}, {"@old"})
    went = {each.facts["reference"]: each.why for each in changes(before, moved(previous=()), grounds)}
    assert went == {
        CHALLENGER: "the guard stopped it: slow",
        "@old": "no experiment names it any more",
        "7": "no experiment names it any more",
    }


def test_what_the_guard_stops_no_longer_comes_back_for_that_reason() -> None:
    """It neither passed the gate just now nor was it rolled back to."""
    stopped = moved(versions={CHAMPION: "2"}, previous=(), stopped={"3": "slow"})
    [back] = changes(stopped, moved(), Grounds({CHAMPION: "3"}, {"3": GATE}))
    assert back.why == "the guard no longer stops it; passed the gate"


def test_a_snapshot_that_the_guard_stopped_is_said() -> None:
    """Not only that it changed."""
    [told] = changes(STATE, moved(snapshot="new"), Grounds(out={"snap": "the guard stopped the one before"}))
    assert told.why == "the guard stopped the one before"


def test_parts_are_said_with_before_and_after() -> None:
    """Experiments, snapshot and corrections, in this order."""
    after = moved(experiments="e2", snapshot="new", corrections={"3": "c"})
    assert [
        (each.event, each.facts["before"], each.facts["after"]) for each in changes(STATE, after, GROUNDS)
    ] == [
        (Event.EXPERIMENTS, "e1", "e2"),
        (Event.SNAPSHOT, "snap", "new"),
        (Event.CORRECTIONS, {}, {"3": "c"}),
    ]


@pytest.mark.parametrize(
    ("before", "after", "urgent"),
    [
        (None, STATE, False),
        (STATE, None, False),
        (STATE, moved(experiments="e2"), False),
        (STATE, moved(stopped={"3": "slow"}), True),
        (moved(stopped={"3": "slow"}), moved(stopped={"3": "slower"}), False),
        (moved(stopped={"3": "slow"}), moved(stopped={}), False),
        (moved(stopped={"3": "slow"}), moved(stopped={"3": "slow", "4": "odd"}), True),
        (STATE, moved(distrusted="damaged"), True),
        (moved(distrusted="damaged"), moved(distrusted="damaged"), False),
        (moved(distrusted="damaged"), moved(distrusted=""), False),
        (moved(distrusted="damaged"), moved(distrusted="absent"), True),
    ],
)
def test_only_a_stop_is_urgent(before: State | None, after: State | None, urgent: bool) -> None:
    """What serves again can wait until workers' files are there."""
    assert stops_something(before, after) is urgent
