"""A move of the state, on files alone: what may serve is written once, and journaled."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bentos.control.loop_parts import Parts
from bentos.control.state_move import StateMover
from bentos.home.journal import decisions
from bentos.home.state import CHALLENGER, CHAMPION, State, read_state
from bentos.home.stops import Stop, Stops, clear
from bentos.home.waiting_move import WaitingMove, put
from models.gate.verdict import Result
from tests.bentos.control.parted import catalogue, judged, parts

NOTHING = "nothing is served yet: no version with the alias champion has passed the gate"


class Moving:
    """A mover over parts without MLflow."""

    def __init__(self, made: Parts) -> None:
        self.parts, self.home = made, made.home
        self.mover = StateMover(made)

    @property
    def state(self) -> State | None:
        return read_state(self.home.state)

    def wish(self, **aliases: str) -> None:
        self.parts.aliases.seen = aliases

    def moved(self, epoch: int) -> list[str]:
        """Move until this epoch is out: what is loaded beforehand takes a moment."""
        deadline = time.monotonic() + 30
        while True:
            problems = self.mover.move()
            if self.state is not None and self.state.epoch == epoch:
                return problems
            assert time.monotonic() < deadline, problems
            time.sleep(0.02)

    def events(self) -> list[str]:
        return [each["event"] for each in decisions(self.home)]


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    with parts(tmp_path) as made:
        yield Moving(made)


def test_a_version_that_passed_is_served_once(moving: Moving) -> None:
    """Nothing before; then one epoch, one line of the journal, and no other move."""
    assert NOTHING in moving.mover.move()
    snapshot = catalogue(moving.home)
    judged(moving.home, "3", Result.PASS)
    moving.wish(champion="3")
    assert moving.moved(1) == []
    assert moving.state is not None
    assert (moving.state.versions, moving.state.snapshot) == ({CHAMPION: "3"}, snapshot)
    assert moving.mover.move() == []
    assert moving.state.epoch == 1
    assert moving.events() == ["promoted", "snapshot"]
    assert moving.mover.versions == {"3"}


def test_a_refused_version_leaves_what_serves(moving: Moving) -> None:
    """And the sentence says which one stays, and why."""
    catalogue(moving.home)
    judged(moving.home, "3", Result.PASS)
    moving.wish(champion="3")
    moving.moved(1)
    judged(moving.home, "4", Result.REJECT, champion="3")
    moving.wish(champion="4")
    [problem] = moving.mover.move()
    assert problem == (
        "@champion: version 4 stays out: reject: sign: wind_speed goes down; version 3 keeps serving: "
        "`ballast rollback` points the alias at it"
    )
    assert moving.state is not None
    assert moving.state.epoch == 1


def test_what_the_guard_stopped_is_out_at_once(moving: Moving) -> None:
    """The champion before takes over in the same move, nothing is loaded first; cleared, it comes back."""
    catalogue(moving.home)
    judged(moving.home, "3", Result.PASS)
    moving.wish(champion="3")
    moving.moved(1)
    judged(moving.home, "4", Result.PASS, champion="3")
    moving.wish(champion="4")
    moving.moved(2)
    Stops.of(moving.home).put(Stop("version", "4", "slow answers", "slow answers: mean 1", "…", 5.0))
    problems = moving.mover.move()
    assert moving.state is not None
    assert (moving.state.epoch, moving.state.versions) == (3, {CHAMPION: "3"})
    assert moving.state.stopped == {"4": "slow answers: mean 1"}
    assert any("version 4 stays out: the guard stopped it: slow answers: mean 1" in each for each in problems)
    clear(moving.home, "4", "ana", "the machine was busy")
    assert moving.moved(4) == []
    assert moving.state.versions == {CHAMPION: "4"}
    assert moving.events().count("promoted") == 4


def test_a_first_champion_is_settled_before_its_challenger(moving: Moving) -> None:
    """The challenger would be judged against nothing: it waits, and nobody is asked about it."""
    catalogue(moving.home)
    judged(moving.home, "4", Result.PASS)
    moving.wish(champion="3", challenger="4")
    moving.mover.move()
    assert moving.state is None
    judged(moving.home, "3", Result.PASS)
    moving.moved(1)
    assert moving.state is not None
    assert moving.state.versions[CHAMPION] == "3"
    judged(moving.home, "4", Result.PASS, champion="3")
    deadline = time.monotonic() + 30
    while CHALLENGER not in (moving.state.versions if moving.state else {}):
        moving.mover.move()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_snapshot_with_other_columns_is_put_on_record(moving: Moving) -> None:
    """Upside down: it stays out, once; the snapshot that serves goes on."""
    values = np.random.default_rng(0).normal(size=400)
    first = catalogue(moving.home, values)
    judged(moving.home, "3", Result.PASS)
    moving.wish(champion="3")
    moving.moved(1)
    second = catalogue(moving.home, -values, created=2.0)
    moving.mover.move()
    moving.mover.move()
    [stop] = Stops.of(moving.home).active("snapshot").values()
    assert (stop.subject, stop.done) == (second, f"snapshot {first} keeps serving")
    assert "a: it is upside down" in stop.why
    assert moving.state is not None
    assert (moving.state.snapshot, moving.events().count("guard stopped")) == (first, 1)


def test_who_does_not_lead_moves_nothing(tmp_path: Path) -> None:
    """Without the lock only what the guard stopped here changes; and there is nothing served yet."""
    with parts(tmp_path, "redis://127.0.0.1:1") as made:
        catalogue(made.home)
        judged(made.home, "3", Result.PASS)
        made.aliases.seen = {"champion": "3"}
        assert StateMover(made).move() == []
        assert read_state(made.home.state) is None


def test_a_rollback_that_waits_for_mlflow_serves_at_once(moving: Moving) -> None:
    """And is said; what the registry was last seen to say does not take it back."""
    catalogue(moving.home)
    for version in ("1", "2"):
        judged(moving.home, version, Result.PASS, champion=None if version == "1" else "1")
    moving.wish(champion="1")
    moving.moved(1)
    moving.wish(champion="2")
    moving.moved(2)
    put(moving.home, WaitingMove("champion", "1", "2", "ana", 7.0))
    problems = moving.moved(3)
    assert moving.state is not None
    assert (moving.state.champion, moving.state.previous) == ("1", ())
    assert (
        "champion: ana rolled back to version 1 while MLflow does not answer: it is told when it does"
        in problems
    )
    assert [each["why"] for each in decisions(moving.home)][-1].startswith("rolled back; ")
