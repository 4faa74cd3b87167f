"""The state is acknowledged by the living only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from bentos.home.acknowledgements import Ack, acknowledge, read_acks
from bentos.home.live_processes import process_started
from bentos.home.state import CHAMPION, State, write_atomically

STATE = State(epoch=4, ranker="flights", snapshot="s" * 16, versions={CHAMPION: "3"}, since=1.5)


def test_acks_of_the_dead_are_dropped(tmp_path: Path) -> None:
    """A worker that ended, or whose pid was given to another process, has acknowledged nothing."""
    mine = acknowledge(tmp_path, "ranker", STATE)
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    for ack in (
        Ack(pid=ended.pid, started=1, kind="ranker", epoch=4, versions={}),
        Ack(pid=os.getppid(), started=1, kind="scorer", epoch=4, versions={}),
    ):
        write_atomically(tmp_path / f"{ack.pid}.json", msgspec.json.encode(ack))
    assert read_acks(tmp_path) == [mine]
    assert [path.name for path in tmp_path.iterdir()] == [f"{os.getpid()}.json"]
    assert mine.started == process_started(os.getpid())
    assert mine.versions == {CHAMPION: "3"}
