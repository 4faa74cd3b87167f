"""A small ASGI application: bodies with a limit, routes by path and method, problems as answers.

Raw ASGI rather than a framework: the whole layer costs tens of microseconds a request, and `POST /rank` at
ten candidates costs little more than that.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

from bentos.wire.messages import MAX_BODY
from bentos.wire.problems import MEDIA_TYPE, Problem

logger = logging.getLogger("bentos.http.asgi")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

ASKED = "ballast.asked"  # in a scope: the path as it was asked for, where another stands for it

DRAINED = 16 * MAX_BODY  # bytes of a refused body that are read and thrown away, so that the answer arrives

JSON = b"application/json"
HTML = b"text/html; charset=utf-8"


class Request(NamedTuple):
    """What a handler sees of a request: ASGI's own parts, unparsed, since few handlers look at them."""

    body: bytes
    query: bytes = b""
    headers: Sequence[tuple[bytes, bytes]] = ()

    def header(self, name: bytes) -> bytes:
        """The first header of this name (lower case), or nothing."""
        return next((value for key, value in self.headers if key == name), b"")


class Answer(NamedTuple):
    """What a handler gives back."""

    body: bytes
    status: int = 200
    media_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


Handler = Callable[[Request], Awaitable[Answer]]
Routes = Mapping[str, Mapping[str, Handler]]  # path -> method -> handler


def asked_path(scope: Scope) -> str:
    """The path that the client asked for."""
    return str(scope.get(ASKED, scope["path"]))


class App:
    """Dispatches by path, then by method. `elsewhere` has an application for a path that is no route."""

    def __init__(
        self,
        routes: Routes,
        on_problem: Callable[[str, int], None],
        elsewhere: Callable[[str], AsgiApp | None] = lambda _: None,
    ) -> None:
        self._routes = routes
        self._on_problem = on_problem  # (declared route, or "other"; status)
        self._elsewhere = elsewhere

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = asked_path(scope)
        other = None if path in self._routes else self._elsewhere(path)
        if other is None:
            await _send(await self.answered(path, self._answer(scope, receive)), send)
            return
        try:
            await other(scope, receive, send)
        except Problem as problem:
            await _send(self.refusal(path, problem), send)

    async def answered(self, path: str, answer: Awaitable[Answer]) -> Answer:
        """An answer, or the problem that stood in its way."""
        try:
            return await answer
        except Problem as problem:
            return self.refusal(path, problem)
        except Exception:
            logger.exception("%s failed", path)
            return self.refusal(path, Problem(500, "internal error: the server's log has the details"))

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        methods = self._find(asked_path(scope))
        asked_head = scope["method"] == "HEAD"  # the server leaves the body out
        handler = methods.get("GET" if asked_head else scope["method"])
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
        _not_encoded(scope)
        return await handler(Request(body, scope["query_string"], scope["headers"]))

    def refusal(self, path: str, problem: Problem) -> Answer:
        """A problem as an answer, counted."""
        self._on_problem(path if path in self._routes else "other", problem.status)
        return Answer(problem.body(), problem.status, MEDIA_TYPE, problem.headers)

    def _find(self, path: str) -> Mapping[str, Handler]:
        methods = self._routes.get(path)
        if methods is None:
            known = ", ".join(sorted(self._routes))
            raise Problem(404, f"path: {path[:200]!r}: not one of {known}")
        return methods


async def _read(scope: Scope, receive: Receive) -> bytes:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > MAX_BODY:
            if not any(each == b"expect" for each, _ in scope["headers"]):
                await _drain(receive)
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
    if size > MAX_BODY:
        parts.clear()
        size += await _drain(receive)
        raise _too_large(size)
    return b"".join(parts)


async def _drain(receive: Receive) -> int:
    """Read what a client still sends, up to a bound, and throw it away; how many bytes that were.

    Who sends first and reads then, as Python's urllib, would lose an answer that came with a reset.
    """
    size, more = 0, True
    while more and size <= DRAINED:
        message = await receive()
        more = message.get("more_body", False)
        size += len(message.get("body", b""))
    return size


def _not_encoded(scope: Scope) -> None:
    """Raises Problem for a body that is not as it reads."""
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            shown, rule = value[:40].decode("ascii", "replace"), "a body is sent without an encoding"
            raise Problem(415, f"content-encoding: {shown!r}: {rule}", field="content-encoding", rule=rule)


class Refused:
    """An application that refuses one request: it reads what comes, and answers with a problem."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _drain(receive)
        found = self._problem
        await _send(Answer(found.body(), found.status, MEDIA_TYPE, found.headers), send)


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
