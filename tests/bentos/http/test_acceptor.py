"""Real processes at one socket: bursts are shared out, also after a death, and somebody always accepts."""

from __future__ import annotations

import signal
import socket
import time
from http.client import HTTPConnection
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


def test_a_pool_that_is_uneven_evens_out(tmp_path: Path) -> None:
    """All connections on one worker, another beside it: some answers say close, no request is lost."""
    with workers(tmp_path, 2) as found:
        found.kill(0)
        pool = [HTTPConnection("127.0.0.1", found.port, timeout=20) for _ in range(SIZE)]
        for each in pool:
            _ask(each)
        assert found.held([each.sock for each in pool]) == [SIZE]
        found.add()
        until, closed = time.monotonic() + 60, 0
        while max(found.held([each.sock for each in pool])) > 0.6 * SIZE:
            assert time.monotonic() < until, "the pool stays uneven"
            closed += sum(_ask(each) for each in pool)
            time.sleep(0.05)
        assert 0.4 * SIZE <= closed < 2 * SIZE, "few connections have to go, and no others do"


def _ask(connection: HTTPConnection) -> bool:
    """One request; whether the answer ends the connection, which is then made anew."""
    connection.request("POST", "/rank", b"{}", {"content-type": "application/json"})
    answer = connection.getresponse()
    assert (answer.status, bool(answer.read())) == (200, True)
    ends = answer.getheader("connection") == "close"
    if ends:
        connection.close()
        connection.connect()
    return ends
