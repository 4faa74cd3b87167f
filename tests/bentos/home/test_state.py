"""The state is replaced in one step, watched by one stat, and acknowledged by the living only."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from bentos.home.state import (
    CHAMPION,
    FileWatch,
    Home,
    Served,
    State,
    StateError,
    StateWatch,
    kept_beside,
    read_state,
    state_damage,
    write_state,
)


def state(epoch: int = 1, champion: str = "3") -> State:
    return State(epoch=epoch, ranker="flights", snapshot="s" * 16, versions={CHAMPION: champion}, since=1.5)


def test_a_state_survives_the_disk(tmp_path: Path) -> None:
    """What is written is read back, history included."""
    written = msgspec.structs.replace(state(), previous=(Served("2", 0.5, 1.5),))
    write_state(tmp_path / "state.json", written)
    assert read_state(tmp_path / "state.json") == written
    assert written.champion == "3"


def test_no_state_is_none_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    """Before the first promotion there is no file; a file that is not a state says so by path and rule."""
    path = tmp_path / "state.json"
    assert read_state(path) is None
    path.write_text('{"epoch": "one"}')
    with pytest.raises(StateError, match=r"state\.json: is not a state \(16 bytes\): Expected `int`"):
        read_state(path)


def test_readers_never_see_a_part_of_a_state(tmp_path: Path) -> None:
    """Five hundred replacements, read all the while: every read is a whole state, epochs never go back."""
    path = tmp_path / "state.json"
    write_state(path, state(0))
    seen: list[int] = []
    done = threading.Event()

    def read_on() -> None:
        while not done.is_set():
            found = read_state(path)
            seen.append(-1 if found is None else found.epoch)

    reader = threading.Thread(target=read_on)
    reader.start()
    for epoch in range(1, 500):
        write_state(path, state(epoch, champion="3" * (epoch % 300 + 1)))
    done.set()
    reader.join()
    assert seen == sorted(seen)
    assert min(seen) >= 0
    assert len(set(seen)) > 10
    assert sorted(tmp_path.iterdir()) == [path, kept_beside(path)]


def test_a_watch_reports_each_change_once(tmp_path: Path) -> None:
    """First look, replacement and removal are changes; looking again is not."""
    path = tmp_path / "state.json"
    watch, poll = FileWatch(path), StateWatch(path)
    assert not watch.changed()
    assert poll.poll() is None
    write_state(path, state(1))
    assert watch.changed()
    assert not watch.changed()
    assert poll.poll() == state(1)
    assert poll.poll() is None
    write_state(path, state(2))
    assert poll.poll() == state(2)
    path.unlink()
    kept_beside(path).unlink()
    assert watch.changed()
    assert poll.poll() is None


def test_the_module_imports_nothing_slow() -> None:
    """Workers import the state before anything else: settings, msgspec and the standard library."""
    slow = "numpy", "pandas", "mlflow", "bentoml"
    code = f"import sys, bentos.home.state; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_layout_is_the_documented_one(tmp_path: Path) -> None:
    """Every part finds its files at the same place."""
    home = Home(tmp_path)
    assert home.version("7") == tmp_path / "versions" / "7"
    assert home.compiled("ab") == tmp_path / "experiments" / "ab.json"
    assert home.state.parent == home.steward.parent == home.acks.parent == home.log.parent == tmp_path


def test_the_last_good_state_is_taken_where_the_file_is_none(tmp_path: Path) -> None:
    """Damaged or gone; with none beside, what is wrong and what to do is said."""
    path = tmp_path / "state.json"
    write_state(path, state(4))
    for content in (b"", b"{", None):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert read_state(path) == state(4)
        assert state_damage(path) is not None
    kept_beside(path).write_bytes(b"")
    assert read_state(path) is None
    path.write_bytes(b"")
    with pytest.raises(
        StateError, match=r"is not a state \(0 bytes\).*put a good one there, or delete it and "
    ):
        read_state(path)
    write_state(path, state(5))
    assert state_damage(path) is None
