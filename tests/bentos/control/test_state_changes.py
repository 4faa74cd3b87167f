"""What differs between two states is journaled part by part, and a stop is told from all else."""

from __future__ import annotations

import msgspec
import pytest

from bentos.control.state_changes import changes, stops_something
from bentos.home.journal import Event
from bentos.home.state import CHALLENGER, CHAMPION, Served, State

GATE = "passed the gate"
STATE = State(5, "small", "snap", {CHAMPION: "3"}, experiments="e1", previous=(Served("2", 0.0, 1.0),))


def moved(**parts: object) -> State:
    return msgspec.structs.replace(STATE, epoch=6, **parts)


def test_nothing_is_said_of_what_stayed() -> None:
    """A new epoch alone is no change."""
    assert list(changes(STATE, moved())) == []


def test_the_first_state_is_all_new() -> None:
    """Every version, and what came with it; corrections only where there are some."""
    told = list(changes(None, STATE))
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
    ("after", "why"),
    [
        (
            moved(versions={CHAMPION: "4"}, previous=(*STATE.previous, Served("3", 1.0, 2.0))),
            "passed the gate",
        ),
        (moved(versions={CHAMPION: "2"}, previous=()), "rolled back"),
        (
            moved(versions={CHAMPION: "2"}, previous=(), stopped={"3": "slow"}),
            "the guard stopped the one before",
        ),
    ],
)
def test_why_a_champion_is_another(after: State, why: str) -> None:
    """Promoted, rolled back, or put in the place of one that the guard stopped."""
    [told] = changes(STATE, after)
    assert (told.event, told.why, told.facts["before"]) == (Event.PROMOTED, why, "3")


def test_other_references_come_and_go() -> None:
    """A challenger passed the gate whatever happens to the champion; what is no longer named is withdrawn."""
    both = moved(versions={CHAMPION: "3", CHALLENGER: "4"}, previous=())
    [came] = changes(STATE, both)
    assert (came.event, came.why, came.facts["reference"]) == (
        Event.PROMOTED,
        "passed the gate",
        CHALLENGER,
    )
    [went] = changes(both, moved(versions={CHAMPION: "3"}))
    assert went == (
        Event.WITHDRAWN,
        "no longer named",
        {"reference": CHALLENGER, "before": "4", "epoch": 6},
    )


def test_parts_are_said_with_before_and_after() -> None:
    """Experiments, snapshot and corrections, in this order."""
    after = moved(experiments="e2", snapshot="new", corrections={"3": "c"})
    assert [(each.event, each.facts["before"], each.facts["after"]) for each in changes(STATE, after)] == [
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
