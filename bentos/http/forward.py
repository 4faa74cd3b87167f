"""Hands requests for pages on to the console's process, over its socket: a worker answers, others explain.

Requests and answers are small HTTP/1.1 messages, one a connection. Nothing here waits or grows without bound.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader
from collections.abc import Callable
from urllib.parse import quote

from bentos.home.console_socket import reached
from bentos.home.state import Home
from bentos.http.asgi import Receive, Scope, Send, asked_path
from bentos.wire.problems import RETRY_AFTER, Problem

PATHS = ("/explain/", "/console/")  # what begins so is answered by the console's process
SECONDS = 10.0  # from the request to the last byte of the answer
AT_ONCE = 4  # requests that one worker has under way
LONGEST = 4_000  # bytes of a path with its query
HEAD = 16_384  # bytes of an answer's headers
MOST = 32_000_000  # bytes of an answer
PIECE = 65_536
_TAKEN = frozenset({b"content-type", b"content-length", b"content-security-policy", b"cache-control", b"vary",
                    b"x-content-type-options", b"referrer-policy", b"allow", b"location"})  # fmt: skip
AWAY = "the console's process does not answer: it starts after the first promotion, and again after a failure"


class Forward:
    """An ASGI application; raises Problem before it has sent anything."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._under_way = 0

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        if scope["method"] not in {"GET", "HEAD"}:
            raise Problem(405, f"method: {scope['method']!r}: pages take GET", headers=((b"allow", b"GET"),))
        if self._under_way >= AT_ONCE:
            raise Problem(503, f"{AT_ONCE} pages are under way; come back in a second", headers=RETRY_AFTER)
        self._under_way += 1
        sending = _Sending(send)
        try:
            async with asyncio.timeout(SECONDS):
                await self._ask(_message(scope), sending)
        except (OSError, EOFError, LookupError, asyncio.LimitOverrunError, ValueError) as error:
            if sending.started:
                raise
            late = isinstance(error, TimeoutError)
            told = f"the console's process took more than {SECONDS:.0f} s" if late else AWAY
            raise Problem(504 if late else 503, told, headers=RETRY_AFTER) from error
        finally:
            self._under_way -= 1

    async def _ask(self, message: bytes, sending: _Sending) -> None:
        with reached(self._home) as path:
            reader, writer = await asyncio.open_unix_connection(path, limit=HEAD)
        try:
            writer.write(message)
            await _answer(reader, sending)
        finally:
            writer.close()


class _Sending:
    """Tells whether anything was sent."""

    def __init__(self, send: Send) -> None:
        self._send, self.started = send, False

    async def head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Status and headers, before any piece."""
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def piece(self, body: bytes, more: bool) -> None:
        """A piece of the body."""
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


def _message(scope: Scope) -> bytes:
    """The request as the console gets it: the path, the query, and what the client accepts."""
    query: bytes = scope["query_string"]
    target = quote(asked_path(scope), safe="/").encode() + (b"?" + query if query else b"")
    if len(target) > LONGEST or not target.isascii() or len(target.split()) != 1:
        raise Problem(414, f"path: {len(target)} bytes: at most {LONGEST}, without blanks")
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"*/*")[:PIECE]
    lines = (
        b"GET " + target + b" HTTP/1.1",
        b"host: console",
        b"connection: close",
        b"accept: " + accept[:1000],
    )
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _answer(reader: StreamReader, sending: _Sending) -> None:
    """Pass the answer on, piece by piece. Raises ValueError or LookupError for what is none."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).rstrip().split(b"\r\n")
    status = int(first.split(b" ", 2)[1])
    named = [(name.lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    left = int(dict(named)[b"content-length"])
    if left > MOST:
        raise ValueError(f"{left} bytes")
    await sending.head(status, [each for each in named if each[0] in _TAKEN])
    while left:
        piece = await reader.readexactly(min(PIECE, left))
        left -= len(piece)
        await sending.piece(piece, left > 0)


def elsewhere(home: Home) -> Callable[[str], Forward | None]:
    """Path → who answers it in place of a route."""
    forward = Forward(home)
    return lambda path: forward if path == "/console" or path.startswith(PATHS) else None
