"""HTTP/1.1 as uvicorn speaks it, with bounds: nothing waits without a limit, nothing grows without one.

A request's head is gathered here until it is whole, so that what is too long, too slow, asks for another
protocol or names another service is answered before anything is made of it. Whoever is refused while still
sending is read from for a while, so that the answer is not lost to a reset.
"""

from __future__ import annotations

import re
from asyncio import TimerHandle, Transport
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from bentos.http.asgi import Answer, Refused
from bentos.http.doors import Doors
from bentos.http.pool import Pool
from bentos.wire.problems import MEDIA_TYPE, Problem

HEAD = 64 * 1024  # bytes that a request's head may have
WHOLE = 30.0  # seconds in which a request must be whole
IDLE = 120.0  # seconds that a connection is kept open after an answer
LINGER = 5.0  # seconds that a refused client is read from, before the connection closes
_END = b"\r\n\r\n"
_BEGINNING = re.compile(rb"[A-Za-z-]{1,32}(?: |\Z)")
_UPGRADE = re.compile(rb"\n(?:upgrade|http2-settings)[ \t]*:[^\n]*(?=\n)", re.IGNORECASE)

SLOW = Problem(408, f"the request was not whole after {WHOLE:.0f} s", headers=((b"connection", b"close"),))
LONG = Problem(
    431,
    f"headers: more than {HEAD} bytes",
    field="headers",
    rule=f"at most {HEAD} bytes",
    headers=((b"connection", b"close"),),
)
UNREADABLE = Problem(
    400,
    "request: its first line, a header, its length or a chunk cannot be read as HTTP/1.1",
    headers=((b"connection", b"close"),),
)
TUNNEL = Problem(405, "method: 'CONNECT': this is no proxy", headers=((b"connection", b"close"),))


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Without `doors`, as in every other service's process, it is uvicorn's own."""

    doors: ClassVar[Doors | None] = None
    pool: ClassVar[Pool | None] = None  # of this worker, where several share the connections
    idle: ClassVar[float] = IDLE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parsing = False  # uvicorn is within a request
        self._head = b""  # of a request, not whole yet
        self._fed = self._body = 0  # bytes of the present request that uvicorn got, and of its body
        self._patience: TimerHandle | None = None
        self._lingers = False
        self.used = self._made = 0  # the pool's signs at the last answer, and at the beginning
        if self.doors is not None:
            self.ws_protocol_class = None
            self.timeout_keep_alive = self.idle  # type: ignore[assignment]

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.pool is not None:
            self.used = self._made = self.pool.sign
        if self.doors is not None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self.pool is not None:
            self.pool.ended(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.doors is None:
            super().data_received(data)
        elif not self._lingers:
            # Blank lines before a request are none (RFC 9112, 2.2): they must not keep a connection open.
            found = data if self._parsing or self._head else data.lstrip(b"\r\n")
            if found:
                self._unset_keepalive_if_required()
                (self._feed if self._parsing else self._gather_head)(found)

    def on_message_begin(self) -> None:
        self._parsing, self._fed, self._body = True, 0, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        refused = self.doors and self.doors.refusal(self.parser.get_http_version(), self.headers)
        app = self.app
        if refused:
            self.app = Refused(refused)
        try:
            super().on_headers_complete()
        finally:
            self.app = app
        if self.doors is not None and self.cycle is not None:
            self.cycle.transport = _Parting(self.transport, self._part)  # type: ignore[assignment]
        if not refused and self.pool is not None and not self.pipeline and self.pool.lets_go(self._made):
            self.cycle.keep_alive = False  # which the answer announces

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._parsing = False

    def on_response_complete(self) -> None:
        if self.pool is not None:
            self.used = self.pool.sign
        super().on_response_complete()

    def _unsupported_upgrade_warning(self) -> None:
        self._refuse(TUNNEL)

    def send_400_response(self, msg: str) -> None:
        """Uvicorn's answer to what it cannot parse; a client that still sends it gets it all the same."""
        if self.doors is None:
            super().send_400_response(msg)
        else:
            self._refuse(UNREADABLE)

    def _gather_head(self, data: bytes) -> None:
        searched = max(0, len(self._head) - len(_END))
        head, self._head = self._head + data, b""
        end = head.find(_END, searched)
        if max(end, len(head) if end < 0 else 0) > HEAD:
            self._refuse(LONG)
        elif end < 0 and _BEGINNING.match(head):
            self._head = head
            self._wait()
        elif head.startswith(b"CONNECT "):
            self._refuse(TUNNEL)
        else:  # also what is no HTTP: uvicorn says so
            self._feed(_UPGRADE.sub(b"", head[: end + 2]) + head[end + 2 :] if end >= 0 else head)

    def _feed(self, data: bytes) -> None:
        self._fed += len(data)
        super().data_received(data)
        if self._lingers:
            return
        if not self._parsing:
            self._stop_waiting()
        elif self._fed > 4 * HEAD + 8 * self._body:  # headers of a later request, trailers, chunks' lengths
            self._refuse(LONG)
        else:
            self._wait()

    def _wait(self) -> None:
        """From now on a request must be whole in time, unless one is waited for already."""
        if self._patience is None:
            self._patience = self.loop.call_later(WHOLE, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_slow(self) -> None:
        self._patience = None
        if self._begun():
            self._refuse(SLOW)
        else:
            self.transport.close()

    def _begun(self) -> bool:
        """Whether a part of a request has come, so that somebody may wait for an answer."""
        return bool(self._head) or self._parsing

    def _part(self) -> None:
        """Close after an answer; from who still sends a body that nobody reads, take it for a while first."""
        if self._parsing and not self.transport.is_closing():
            self._linger()
        else:
            self.transport.close()

    def _linger(self) -> None:
        self._lingers = True
        self._stop_waiting()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(LINGER, self.transport.close)

    def _refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer is under way; read on for a while, and close."""
        self._lingers = True
        self._stop_waiting()
        started = False
        if self.cycle is not None and not self.cycle.response_complete:
            started = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.is_closing():
            return
        if started:
            self.flow.resume_reading()
            self.loop.call_later(LINGER, self.transport.close)
            return
        self.transport.write(as_bytes(Answer(problem.body(), problem.status, MEDIA_TYPE, problem.headers)))
        self._linger()


class _Parting:
    """A transport whose connection is closed by `part`; everything else is the transport's own."""

    def __init__(self, transport: Transport, part: Callable[[], None]) -> None:
        self._transport, self.close = transport, part

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def as_bytes(answer: Answer) -> bytes:
    """An answer as it goes out."""
    lines = [(b"content-type", answer.media_type), *answer.headers]
    head = b"".join([b"%b: %b\r\n" % line for line in lines])
    length = b"content-length: %d\r\n\r\n" % len(answer.body)
    return b"".join([STATUS_LINE[answer.status], head, length, answer.body])
