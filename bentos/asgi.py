"""A small ASGI application: bodies with a limit, routes by path and method, problems as answers.

Raw ASGI rather than a framework: the whole layer costs tens of microseconds a request, and `POST /rank` at
ten candidates costs little more than that.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from bentos.messages import MAX_BODY
from bentos.problems import MEDIA_TYPE, Problem

logger = logging.getLogger("bentos.asgi")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = b"application/json"
HTML = b"text/html; charset=utf-8"


class Request(NamedTuple):
    """What a handler sees of a request."""

    body: bytes
    scope: Scope
    tail: str  # what follows the route's path, for routes that end in "/"

    @property
    def query(self) -> dict[str, str]:
        """The query string's parameters; the last of each name."""
        return dict(parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True))

    def header(self, name: bytes) -> str | None:
        """A header by its lower-case name."""
        return next((value.decode("latin-1") for key, value in self.scope["headers"] if key == name), None)


class Answer(NamedTuple):
    """What a handler gives back."""

    body: bytes
    status: int = 200
    media_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[Request], Awaitable[Answer]]
Routes = Mapping[str, Mapping[str, Handler]]  # path -> method -> handler


class App:
    """Dispatches by exact path, then by prefix for routes that end in `/`."""

    def __init__(self, routes: Routes, on_problem: Callable[[str, int], None]) -> None:
        self._routes = routes
        self._on_problem = on_problem  # (declared route, or "other"; status)
        self._prefixes = tuple(path for path in routes if path.endswith("/") and path != "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except Problem as problem:
            answer = self._refusal(scope, problem)
        except Exception:
            logger.exception("%s %s failed", scope["method"], scope["path"])
            answer = self._refusal(scope, Problem(500, "internal error: the server's log has the details"))
        await _send(answer, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        methods, tail = self._find(scope["path"])
        handler = methods.get(scope["method"])
        if handler is None:
            allowed = ", ".join(sorted(methods))
            raise Problem(
                405,
                f"method: {scope['method']!r}: {scope['path']} takes {allowed}",
                field="method",
                value=scope["method"],
                rule=f"one of {allowed}",
                headers=((b"allow", allowed.encode()),),
            )
        body = await _read(scope, receive) if scope["method"] in {"POST", "PUT"} else b""
        return await handler(Request(body, scope, tail))

    def _refusal(self, scope: Scope, problem: Problem) -> Answer:
        path = scope["path"]
        self._on_problem(path if path in self._routes else "other", problem.status)
        return Answer(problem.body(), problem.status, MEDIA_TYPE, problem.headers)

    def _find(self, path: str) -> tuple[Mapping[str, Handler], str]:
        methods = self._routes.get(path)
        if methods is not None:
            return methods, ""
        for prefix in self._prefixes:
            if path.startswith(prefix):
                return self._routes[prefix], path[len(prefix) :]
        known = ", ".join(sorted(self._routes))
        raise Problem(404, f"path: {path[:200]!r}: not one of {known}")


async def _read(scope: Scope, receive: Receive) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > MAX_BODY:
            raise _too_large(int(value))
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return _within_limit(body)
    parts, size = [body], len(body)
    while message.get("more_body", False) and size <= MAX_BODY:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
    return _within_limit(b"".join(parts))


def _within_limit(body: bytes) -> bytes:
    if len(body) > MAX_BODY:
        raise _too_large(len(body))
    return body


def _too_large(size: int) -> Problem:
    rule = f"at most {MAX_BODY} bytes"
    # The rest of the body is not read: the connection can't carry another request.
    return Problem(
        413,
        f"body: {size} bytes: {rule}",
        field="body",
        value=size,
        rule=rule,
        headers=((b"connection", b"close"),),
    )


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.media_type),
        (b"content-length", str(len(answer.body)).encode()),
        *answer.headers,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
