"""Nothing is told to workers before it is prepared; what can't be prepared is told all the same."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bentos.control.preload import Preload
from bentos.home.state import CHAMPION, Home, State

LIMIT = 20  # seconds


def state(version: str, snapshot: str = "s1", experiments: str = "") -> State:
    return State(1, "r", snapshot, {CHAMPION: version}, experiments)


def test_told_once_prepared(tmp_path: Path) -> None:
    """Asked at every tick: no, while it loads; then yes. Loaded once, and again when it is wanted again."""
    gate, begun, loads = threading.Event(), threading.Event(), list[State]()

    def load(_: Home, wanted: State) -> None:
        loads.append(wanted)
        begun.set()
        assert gate.wait(LIMIT)

    with ThreadPoolExecutor(1) as pool:
        preparation = Preload(Home(tmp_path), pool, load)
        assert not preparation.done(state("1"), state("2"))
        assert begun.wait(LIMIT)
        assert not preparation.done(state("1"), state("2"))
        gate.set()
        pool.submit(int).result(LIMIT)
        assert preparation.done(state("1"), state("2"))
        assert loads == [state("2")]
        at_once = preparation.done(state("2"), state("2", "s2"))
        pool.submit(int).result(LIMIT)
        assert at_once or preparation.done(state("2"), state("2", "s2"))
        assert loads == [state("2"), state("2", "s2")]


def test_other_experiments_wait_for_nothing(tmp_path: Path) -> None:
    """Where versions and snapshot stay, there is nothing to load."""

    def load(*_: object) -> None:
        raise AssertionError("loaded in vain")

    with ThreadPoolExecutor(1) as pool:
        preparation = Preload(Home(tmp_path), pool, load)
        assert preparation.done(state("1"), state("1", experiments="new"))


def test_what_fails_is_the_workers_to_say(tmp_path: Path) -> None:
    """They keep what they serve, and say what is wrong with the new state."""
    with ThreadPoolExecutor(1) as pool:
        preparation = Preload(Home(tmp_path), pool)  # there is nothing to load
        at_once = preparation.done(None, state("1"))  # where it failed that quickly
        pool.submit(int).result(LIMIT)
        assert at_once or preparation.done(None, state("1"))
