"""HTTP/1.1 as uvicorn speaks it, with a short way for a plain `POST /rank`.

At ten candidates a request's own work is 0.1 ms, and so was what a general server does around it: a scope,
a task with its cycle, checks of every header that goes out. A request that is plain (one content-length,
nothing that changes how HTTP goes on) needs none of that. Everything else is uvicorn's, byte by byte.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, ClassVar, Protocol

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from bentos.http.admission import NEVER, Admission
from bentos.http.asgi import Answer
from bentos.http.bounded_paths import BoundedPaths
from bentos.http.bounded_protocol import HEAD, BoundedProtocol
from bentos.wire.messages import MAX_BODY

_START = b"POST /rank HTTP/1.1\r\n"
_NAME = rb"[!#$%&'*+.^_`|~0-9a-z-]+"
_OTHER = (
    rb"(?:(?!content-length:|transfer-encoding:|content-encoding:|expect:|upgrade:|host:|origin:"
    rb"|connection:(?![ \t]*keep-alive[ \t]*\r))" + _NAME + rb":[^\r\n\0]*\r\n)*"
)
_HOST, _LENGTH = rb"host:[ \t]*([^\s]*)[ \t]*\r\n", rb"content-length:[ \t]*([0-9]{1,9})[ \t]*\r\n"
_EITHER = b"(?:" + _HOST + _OTHER + _LENGTH + b"|" + _LENGTH + _OTHER + _HOST + b")"
_HEADERS = re.compile(_OTHER + _EITHER + _OTHER + rb"\r\n", re.IGNORECASE)


class Application(Protocol):
    """What answers plain requests."""

    admission: Admission
    paths: Collection[str]  # its routes

    async def answer(self, body: bytes) -> Answer:
        """The answer to a body; never raises but for cancellation."""
        ...

    def refusal(self) -> Answer:
        """What a request gets that is not admitted; counts it."""
        ...


class RankProtocol(BoundedProtocol):
    """One connection. Without an `application`, as in every other service's process, it is uvicorn's own."""

    application: ClassVar[Application | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.application is not None:
            self.app = BoundedPaths(self.app, self.application.paths)
        self._busy = False  # a plain request is being answered
        self._parts: list[bytes] = []  # of a plain request's body, of which bytes are missing
        self._missing = 0
        self._held = b""  # came while busy
        self._last = False  # close after the answer
        self._refused = NEVER  # when a request was not admitted last, unless one was since

    def data_received(self, data: bytes) -> None:
        if self._busy:
            self._held += data
            self.flow.pause_reading()
        elif self._missing and not self._lingers:
            self._gather(data)
        elif self._parsing or self._head or not self._begin(data):
            super().data_received(data)

    def shutdown(self) -> None:
        if self._busy or self._missing:
            self._last = True
        else:
            super().shutdown()

    def _begin(self, data: bytes) -> bool:
        """Whether a plain request begins here."""
        if self.application is None or not data.startswith(_START) or self._lingers:
            return False
        if self.cycle is not None and not self.cycle.response_complete:
            return False
        found = _HEADERS.match(data, len(_START))
        if found is None or not (self.doors is None or self.doors.admits(found[1] or found[4])):
            return False
        length, start = int(found[2] or found[3]), found.end()
        if start > HEAD or not 0 < length <= MAX_BODY or len(data) - start > length:
            return False
        self._unset_keepalive_if_required()
        if len(data) - start == length:
            self._take(data[start:])
        else:
            self._parts, self._missing = [data[start:]], length - len(data) + start
            self._wait()
        return True

    def _gather(self, data: bytes) -> None:
        own, self._held = data[: self._missing], data[self._missing :]
        self._parts.append(own)
        self._missing -= len(own)
        if not self._missing:
            body, self._parts = b"".join(self._parts), []
            self._take(body)

    def _take(self, body: bytes) -> None:
        if self._patience is not None:
            self._stop_waiting()
        application = self.application
        assert application is not None  # noqa: S101 - `_begin` has looked
        admission = application.admission
        entered = admission.enter(self._refused)
        if entered is None:
            self._busy = True
            admission.refuse(self._refused, self._turn_away, self.loop.call_later)
            return
        self._refused = NEVER
        self._busy = True
        task = self.loop.create_task(self._answer(application, body, entered))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _turn_away(self, now: float) -> None:
        """Say that the request was not admitted."""
        self._busy, self._refused = False, now
        if self.application is not None:
            self._write(self.application.refusal())

    async def _answer(self, application: Application, body: bytes, entered: float) -> None:
        try:
            answer = await application.answer(body)
        finally:
            application.admission.leave(entered)
        if self.flow.write_paused:
            await self.flow.drain()
        self._busy = False
        self._write(answer)
        application.admission.go_on()

    def _begun(self) -> bool:
        return self._missing > 0 or super()._begun()

    def _write(self, answer: Answer) -> None:
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        goes = self._goes()
        lines = [*self.server_state.default_headers, (b"content-type", answer.media_type), *answer.headers]
        if self._last or goes:
            lines.append((b"connection", b"close"))
        head = b"".join([b"%b: %b\r\n" % line for line in lines])
        length = b"content-length: %d\r\n\r\n" % len(answer.body)
        self.transport.write(b"".join([STATUS_LINE[answer.status], head, length, answer.body]))
        if self._last:
            self.transport.close()
        elif goes:
            self._linger()
        else:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
            self._go_on()

    def _goes(self) -> bool:
        """Whether this connection ends with the answer, so that its client's next is another worker's."""
        pool = self.pool
        if pool is None:
            return False
        self.used = pool.sign
        if self._held or not pool.lets_go(self._made):
            return False
        pool.ended(self)
        return True

    def _go_on(self) -> None:
        self.flow.resume_reading()
        if self._held:
            held, self._held = self._held, b""
            self.data_received(held)
