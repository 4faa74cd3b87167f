"""States of the home that tests of workers share: what is to be served, and a live.yaml for it."""

from __future__ import annotations

from typing import Any

from bentos.home.live_files import keep_live
from bentos.home.state import CHALLENGER, CHAMPION, Home, State, write_state
from experiments.config.check import parse
from experiments.config.live import Live
from tests.bentos.files import LIVE


def state_of(home: Home, epoch: int = 1, **changes: Any) -> State:
    """Version 1 as champion, 2 as challenger, over the snapshot that both were trained on."""
    snapshot = (home.folder.parent / "snapshot").read_text()
    fields = {"versions": {CHAMPION: "1", CHALLENGER: "2"}, "snapshot": snapshot, **changes}
    return State(epoch, "small", **fields)


def put_state(home: Home, epoch: int = 1, **changes: Any) -> State:
    """Write such a state where workers see it."""
    state = state_of(home, epoch, **changes)
    write_state(home.state, state)
    return state


def put_live(home: Home, model: str = "@challenger") -> Live:
    """A compiled live.yaml of one experiment, whose second variant has this model."""
    live = parse(LIVE % model)
    keep_live(home, live)
    return live
