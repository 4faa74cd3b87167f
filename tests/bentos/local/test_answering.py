"""Whether anybody answers at a port, and what was counted there."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from bentos.local.answering import Counts, ask, counted, running_for
from bentos.local.processes import free_port

METRICS = """\
# TYPE ballast_requests_total counter
ballast_requests_total{explored="false",fallback="none",model="small/1"} 90.0
ballast_requests_total{explored="true",fallback="none",model="small/1"} 6.0
ballast_requests_total{explored="false",fallback="no scores",model="none"} 4.0
ballast_requests_created{explored="false",fallback="none",model="small/1"} 1.7e+09
ballast_refused_total{route="/rank",status="422"} 2.0
ballast_refused_total{route="other",status="404"} 1.0
"""


@contextmanager
def answering(**pages: str) -> Iterator[int]:
    """A server with these pages; its port."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = pages.get(self.path[1:])
            self.send_response(200 if text else 404)
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_the_service_says_who_it_is() -> None:
    with answering(status='{"ranker": "small", "serving": {}}') as port:
        found = ask(port, "small")
        assert (found.address, found.problem) == (f"http://127.0.0.1:{port}", None)
        assert found.status == {"ranker": "small", "serving": {}}
        other = ask(port, "large")
        assert (other.status, other.problem) == (None, "what listens there serves 'small', not 'large'")


@pytest.mark.parametrize("page", ["", "hello", "[]", "{}"])
def test_what_is_no_ballast_is_nobody(page: str) -> None:
    with answering(status=page) as port:
        found = ask(port, "small")
        assert found.status is None
        assert str(found.problem).startswith("what listens there ")


def test_a_port_where_nothing_listens_and_one_that_says_nothing() -> None:
    """The second is given up on after a time."""
    assert ask(free_port(), "small").problem == "nothing listens there"
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        found = ask(silent.getsockname()[1], "small", patience=0.3)
        assert found.problem == "what listens there says nothing for 0 s"
        assert time.monotonic() - started < 10


def test_counters_are_added_up() -> None:
    with answering(metrics=METRICS) as port:
        assert counted(port) == Counts(answers=100, fallback=4, explored=6, refused=3)
    assert counted(free_port()) is None


def test_a_supervisor_has_run_for_some_time() -> None:
    """That of this very process; none of a process that is gone."""
    found = running_for(os.getpid())
    assert found is not None
    assert found > 0
    assert running_for(2**22 + 1) is None
