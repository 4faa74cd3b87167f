"""A state.json that was damaged or deleted is there again at the next look, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.state_keeper import SAID, StateKeeper
from bentos.home.journal import Journal, decisions
from bentos.home.state import CHAMPION, Home, State, kept_beside, read_state, write_state
from tests.bentos.home.clock import Clock

STATE = State(4, "small", "s", {CHAMPION: "7"})


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "is not a state (0 bytes)"), (b"{", "is not a state (1 bytes)"), (None, "is gone")],
)
def test_it_is_written_again(tmp_path: Path, content: bytes | None, why: str) -> None:
    """From the one that is kept beside; for ten minutes it is a problem."""
    home, clock = Home(tmp_path), Clock()
    keeper = StateKeeper(home, Journal(home), clock)
    assert keeper.look() == []
    write_state(home.state, STATE)
    assert keeper.look() == []
    if content is None:
        home.state.unlink()
    else:
        home.state.write_bytes(content)
    [said] = keeper.look()
    assert why in said
    assert said.endswith("it was written again from the last good one, epoch 4")
    kept_beside(home.state).unlink()
    assert read_state(home.state) == STATE
    assert keeper.look() == [said]
    clock.now += SAID
    assert keeper.look() == []
    [line] = decisions(home)
    assert (line["event"], line["epoch"]) == ("state restored", 4)


def test_a_home_of_an_earlier_release_gets_one_beside(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_state(home.state, STATE)
    kept_beside(home.state).unlink()
    assert StateKeeper(home, Journal(home)).look() == []
    assert kept_beside(home.state).read_bytes() == home.state.read_bytes()
