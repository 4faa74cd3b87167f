"""Pages come from another process: passed on whole, within bounds, and with a sentence where it is away."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from bentos.home.console_socket import console_folder, reached
from bentos.home.state import Home
from bentos.http import forward
from bentos.http.asgi import App

PAGE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nx-own: 1\r\ncontent-length: 200000\r\n\r\n"
    + b"a" * 200_000
)


def ask(home: Home, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    app = App({}, lambda route, status: None, forward.elsewhere(home))

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ranker") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(asked())


@contextmanager
def console(home: Home, answer: bytes, wait: threading.Event | None = None) -> Iterator[list[bytes]]:
    """A process that gives each connection the same answer; what it was asked."""
    heard: list[bytes] = []
    console_folder(home).mkdir(parents=True)
    listener = socket.socket(socket.AF_UNIX)
    with reached(home) as path:
        listener.bind(path)
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        heard.append(connection.recv(10_000))
        if wait is not None:
            wait.wait(5.0)
        with suppress(BrokenPipeError), connection:  # nobody may wait any more
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield heard
    thread.join(5.0)
    listener.close()


def test_a_page_comes_through(tmp_path: Path) -> None:
    """In pieces, with its kind, and without headers that nobody expects; also in a folder of a long name."""
    home = Home(tmp_path / ("long" * 25))
    with console(home, PAGE) as heard:
        answer = ask(home, "/explain/a%20b?item=x%26y", accept="text/html", cookie="secret=1")
    assert (answer.status_code, len(answer.content)) == (200, 200_000)
    assert answer.headers["content-type"] == "text/html"
    assert "x-own" not in answer.headers
    (asked,) = heard
    assert asked.startswith(b"GET /explain/a%20b?item=x%26y HTTP/1.1\r\n")
    assert b"accept: text/html\r\n" in asked
    assert b"secret" not in asked


def test_without_the_process_it_says_so(tmp_path: Path) -> None:
    answer = ask(Home(tmp_path), "/explain/a")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert "does not answer" in answer.json()["detail"]


@pytest.mark.parametrize(
    "said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", b"h" * 20_000]
)
def test_what_is_no_answer_is_none(tmp_path: Path, said: bytes) -> None:
    with console(Home(tmp_path), said):
        assert ask(Home(tmp_path), "/explain/a").status_code == 503


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "SECONDS", 0.1)
    late = threading.Event()
    with console(Home(tmp_path), b"", late):
        answer = ask(Home(tmp_path), "/explain/a")
        late.set()
    assert answer.status_code == 504


def test_only_so_many_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "AT_ONCE", 0)
    assert "under way" in ask(Home(tmp_path), "/explain/a").json()["detail"]


def test_what_can_not_be_asked_is_refused(tmp_path: Path) -> None:
    """Another method, a path without end; other paths are no pages."""
    assert ask(Home(tmp_path), "/explain/a", "POST").status_code == 405
    assert ask(Home(tmp_path), "/explain/" + "a" * 5000).status_code == 414
    assert ask(Home(tmp_path), "/explained").status_code == 404
