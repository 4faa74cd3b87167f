"""The ASGI layer: routes, bodies with a limit, and problems as answers, counted by declared route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bentos.http.asgi import DRAINED, HTML, Answer, App, Request
from bentos.wire.messages import MAX_BODY
from bentos.wire.problems import Problem

PROBLEM = "application/problem+json"


async def _echo(request: Request) -> Answer:
    shown = [request.query, request.header(b"x-any"), request.header(b"x-none"), request.body]
    return Answer(b"|".join(shown), 201, HTML, ((b"x-own", b"1"),))


async def _refuse(_: Request) -> Answer:
    raise Problem(409, "no: not now", headers=((b"retry-after", b"1"),))


async def _fail(_: Request) -> Answer:
    raise ZeroDivisionError("secret")


class Service:
    """An application over three routes; `counted` are the problems that it told of."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, int]] = []
        routes = {"/echo": {"GET": _echo, "POST": _echo}, "/no": {"GET": _refuse}, "/broken": {"GET": _fail}}
        self.app = App(routes, lambda route, status: self.counted.append((route, status)))

    def ask(self, method: str, path: str, content: Any = None, **headers: str) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                return await http.request(method, path, content=content, headers=headers)

        return asyncio.run(run())


@pytest.fixture
def service() -> Service:
    return Service()


def test_a_handler_sees_the_request_and_says_the_answer(service: Service) -> None:
    """Query, headers by lower-case name, body; status, type, headers and length."""
    answer = service.ask("POST", "/echo?a=1", b"body", **{"X-Any": "header"})
    assert (answer.status_code, answer.content) == (201, b"a=1|header||body")
    assert answer.headers["content-type"] == HTML.decode()
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["x-own"] == "1"
    assert service.counted == []


def test_the_body_of_a_get_is_not_read(service: Service) -> None:
    """It means nothing."""
    assert service.ask("GET", "/echo", b"body").content == b"|||"


def test_a_path_that_is_none_names_those_that_are(service: Service) -> None:
    """404; a long one is cut, and counted as other: clients make no labels."""
    answer = service.ask("GET", "/" + "x" * 500)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["detail"] == f"path: '/{'x' * 199}': not one of /broken, /echo, /no"
    assert service.counted == [("other", 404)]


def test_a_method_that_a_path_lacks_names_those_that_it_has(service: Service) -> None:
    """405, with `Allow`."""
    answer = service.ask("DELETE", "/echo")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "method: 'DELETE': /echo takes GET, POST",
        "field": "method",
        "value": "'DELETE'",
        "rule": "one of GET, POST",
    }
    assert service.counted == [("/echo", 405)]


def test_a_handlers_problem_is_its_answer(service: Service) -> None:
    """With its headers."""
    answer = service.ask("GET", "/no")
    assert (answer.status_code, answer.headers["content-type"]) == (409, PROBLEM)
    assert (answer.headers["retry-after"], answer.json()["detail"]) == ("1", "no: not now")
    assert service.counted == [("/no", 409)]


def test_a_failure_is_logged_and_tells_nothing(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """500 without what went wrong."""
    answer = service.ask("GET", "/broken")
    assert answer.status_code == 500
    assert answer.json()["detail"] == "internal error: the server's log has the details"
    assert "/broken failed" in caplog.messages
    assert service.counted == [("/broken", 500)]


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_may_have_as_many_bytes_as_the_limit(service: Service, declared: bool) -> None:
    """At once or in parts, with its length declared or not; one byte more is 413, and closes."""

    async def parts(size: int) -> AsyncIterator[bytes]:
        for start in range(0, size, 2**20):
            yield b"x" * min(2**20, size - start)

    def content(size: int) -> Any:
        return b"x" * size if declared else parts(size)

    answer = service.ask("POST", "/echo", content(MAX_BODY))
    assert (answer.status_code, len(answer.content)) == (201, MAX_BODY + 3)
    over = service.ask("POST", "/echo", content(MAX_BODY + 1))
    assert (over.status_code, over.headers["connection"]) == (413, "close")
    assert over.json()["detail"] == f"body: {MAX_BODY + 1} bytes: at most {MAX_BODY} bytes"
    assert over.json()["field"] == "body"


def test_what_is_too_large_is_not_read_to_its_end(service: Service) -> None:
    """What a client still sends is thrown away, up to a bound; one that never stops is refused."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b"x" * 2**20

    async def run() -> list[dict[str, Any]]:
        stream = endless()
        said: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": await anext(stream), "more_body": True}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {"type": "http", "path": "/echo", "method": "POST", "headers": [], "query_string": b""}
        await service.app(scope, receive, send)
        return said

    assert asyncio.run(run())[0]["status"] == 413
    assert sent == MAX_BODY // 2**20 + 1 + DRAINED // 2**20 + 1


def test_other_protocols_are_let_be(service: Service) -> None:
    """A lifespan or a websocket is nobody's request here."""

    async def never(*_: object) -> Any:
        raise AssertionError

    asyncio.run(service.app({"type": "lifespan"}, never, never))
