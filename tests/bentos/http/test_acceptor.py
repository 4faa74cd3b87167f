"""Real processes at one socket: bursts are shared out, also after a death, and somebody always accepts."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

from tests.bentos.http.sharing import Workers, workers

BURSTS, SIZE = 20, 16


def _burst(found: Workers) -> list[int]:
    opened = [socket.create_connection(("127.0.0.1", found.port)) for _ in range(SIZE)]
    until = time.monotonic() + 20
    while sum(held := found.held(opened)) < SIZE and time.monotonic() < until:
        time.sleep(0.01)
    for each in opened:
        each.close()
    time.sleep(0.05)
    return held


def test_bursts_are_shared_out_also_after_a_death(tmp_path: Path) -> None:
    """95% within 40:60: of 20 bursts two may lie outside (with exactly 95% inside, P(more) = 7.5%)."""
    with workers(tmp_path, 2) as found:
        for _ in range(2):
            held = [_burst(found) for _ in range(BURSTS)]
            assert sum(0.4 * SIZE <= each[0] <= 0.6 * SIZE for each in held) >= BURSTS - 2, held
            found.kill(0)
            assert _burst(found) == [SIZE]
            found.add()


def test_the_others_accept_where_one_stands_still(tmp_path: Path) -> None:
    with workers(tmp_path, 2) as found:
        found.send(0, signal.SIGSTOP)
        assert _burst(found) == [0, SIZE]
