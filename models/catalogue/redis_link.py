"""A connection to one Redis on the event loop: an answer within a bounded wait, or RedisUnavailable.

redis-py's plain client needs a thread, and handing over to one and back costs more than Redis does for ten
keys; its asyncio client takes four times as long for 3,000. Here a request is one write, hiredis reads what
comes back, and requests that are under way together share the connection (Redis answers in order).

How long Redis has kept us waiting is counted in ticks of the event loop, not by the clock: while this process
is busy no tick passes, so that its own load never looks like a Redis that has gone.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import hiredis

from monitoring.errors import UserError

WAIT = 0.1  # seconds for the next answer due: fifty times a healthy one for 3,000 items
PATIENCE = 5  # times WAIT: for an answer behind others that come, but slowly
PAUSE = 0.5  # seconds without asking, after Redis has failed to answer
_TICKS = 10  # per WAIT
_MORE = object()

Command = tuple[str, ...]
T = TypeVar("T")


class RedisUnavailable(UserError):  # noqa: N818  (the declared fallback order serves)
    """Redis has not answered in time, or not at all; the sentence says how."""


class _Lost(Exception):  # noqa: N818
    """The connection ended before the answer came."""


@dataclass(frozen=True)
class Address:
    """Where a Redis is, and how to enter."""

    host: str = "127.0.0.1"
    port: int = 6379
    path: str | None = None
    """Of a unix socket, instead of host and port."""
    tls: ssl.SSLContext | None = None
    greeting: tuple[Command, ...] = ()
    """What is sent first: AUTH, SELECT."""

    @classmethod
    def of(cls, url: str) -> "Address":
        """`redis://[[user]:password@]host[:port][/db]`, `rediss://…` (TLS) or `unix://[…@]path[?db=…]`, with
        redis-py's `ssl_…` options. Raises ValueError for anything else."""
        from redis.connection import parse_url

        found: Mapping[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
        greeting: list[Command] = []
        if "password" in found:
            greeting.append(("AUTH", *filter(None, [found.get("username")]), found["password"]))
        if found.get("db"):
            greeting.append(("SELECT", str(found["db"])))
        return cls(
            host=found.get("host", cls.host),
            port=found.get("port", cls.port),
            path=found.get("path"),
            tls=_tls(found) if url.startswith("rediss:") else None,
            greeting=tuple(greeting),
        )

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


def _tls(options: Mapping[str, Any]) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=options.get("ssl_ca_certs"), capath=options.get("ssl_ca_path"))
    required = options.get("ssl_cert_reqs", "required")
    made.check_hostname = required == "required" and bool(options.get("ssl_check_hostname", True))
    made.verify_mode = ssl.VerifyMode[f"CERT_{required.upper()}"]
    if "ssl_certfile" in options:
        made.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"), options.get("ssl_password"))
    return made


@dataclass(eq=False)
class _Asked:
    answer: asyncio.Future[list[Any]]
    missing: int  # replies
    since: int  # ticks
    replies: list[Any] = field(default_factory=list)


class _Stream(asyncio.Protocol):
    """One connection: requests go out as they come, replies are handed out in order."""

    def __init__(self, tick: float) -> None:
        self._tick = tick
        self._ticks = self._moved = 0  # so far; when an answer was last complete, or the first was asked for
        self._ticking = False
        self._asked: deque[_Asked] = deque()
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._transport: asyncio.Transport | None = None

    @property
    def usable(self) -> bool:
        """Whether it is connected still."""
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # by duck type, with uvloop

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(_Lost(f"the connection ended{f': {exc}' if exc else ''}"))

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not _MORE:
                self._hand_out(reply)
        except hiredis.HiredisError as error:
            self._end(RedisUnavailable(f"what answers is no Redis: {error}"))

    async def ask(self, message: bytes, replies: int) -> list[Any]:
        """Send a message of so many commands; their replies, of which some may be errors."""
        if self._transport is None:
            raise _Lost("the connection has ended")
        one = _Asked(asyncio.get_running_loop().create_future(), replies, self._ticks)
        if not self._asked:
            self._moved = self._ticks
        self._asked.append(one)
        self._transport.write(message)
        self._watch()
        return await one.answer

    def close(self) -> None:
        """End it."""
        self._end(_Lost("the connection was closed"))

    def _hand_out(self, reply: Any) -> None:
        if not self._asked:
            self._end(_Lost(f"Redis said {reply!r} unasked"))
            return
        one = self._asked[0]
        one.replies.append(reply)
        one.missing -= 1
        if not one.missing:
            self._asked.popleft()
            self._moved = self._ticks
            if not one.answer.done():  # otherwise its request was cancelled
                one.answer.set_result(one.replies)

    def _watch(self) -> None:
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(self._tick, self._passed)

    def _passed(self) -> None:
        self._ticking = False
        self._ticks += 1
        if not self._asked:
            return
        due, whole = self._ticks - self._moved, self._ticks - self._asked[0].since
        if due > _TICKS or whole > PATIENCE * _TICKS:
            seconds = _TICKS * self._tick * (1 if due > _TICKS else PATIENCE)
            self._end(RedisUnavailable(f"Redis has not answered within {seconds:g} s"))
        else:
            self._watch()

    def _end(self, why: Exception) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()
        while self._asked:
            one = self._asked.popleft()
            if not one.answer.done():
                one.answer.set_exception(type(why)(*why.args))


class RedisLink:
    """One Redis for one event loop. Connects when asked; once it has failed, it is left alone for PAUSE s."""

    def __init__(
        self, address: Address, wait: float = WAIT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self._address, self._wait = address, wait
        self._paused = 0.0
        self._stream: _Stream | None = None
        self._connecting: asyncio.Task[_Stream] | None = None

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """The replies to `commands`, in order; an error that Redis gives for one of them is a
        `hiredis.ReplyError` among them. Raises RedisUnavailable, after a bounded wait."""
        if self.clock() < self._paused:
            raise RedisUnavailable("Redis failed a moment ago, and is asked again in half a second")
        try:
            return await self._send(_packed(commands), len(commands))
        except RedisUnavailable:
            self._paused = self.clock() + PAUSE
            raise

    def close(self) -> None:
        """End the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
        if self._stream is not None:
            self._stream.close()

    async def _send(self, message: bytes, replies: int) -> list[Any]:
        """A connection that ends (Redis was restarted, or dropped an idle one) is made again, once."""
        try:
            return await (await self._connected()).ask(message, replies)
        except _Lost:
            try:
                return await (await self._connected()).ask(message, replies)
            except _Lost as error:
                raise RedisUnavailable(f"Redis does not answer: {error}") from None

    async def _connected(self) -> _Stream:
        if self._stream is not None and self._stream.usable:
            return self._stream
        if self._connecting is None:  # all that wait for it share one attempt
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(self._settle)
        return await asyncio.shield(self._connecting)

    def _settle(self, task: asyncio.Task[_Stream]) -> None:
        self._connecting = None
        if not task.cancelled() and task.exception() is None:
            self._stream = task.result()

    async def _connect(self) -> _Stream:
        where = f"Redis at {self._address}"
        try:
            return await _patiently(self._enter(), self._wait)
        except TimeoutError:
            raise RedisUnavailable(f"{where} has not let us in within {self._wait:g} s") from None
        except (OSError, _Lost) as error:
            raise RedisUnavailable(f"{where} does not answer: {error}") from error

    async def _enter(self) -> _Stream:
        stream = await self._open()
        try:
            greeting = self._address.greeting
            replies = await stream.ask(_packed(greeting), len(greeting)) if greeting else []
            for reply in replies:
                if isinstance(reply, hiredis.ReplyError):
                    raise RedisUnavailable(f"Redis at {self._address} does not let us in: {reply}")
        except BaseException:
            stream.close()
            raise
        return stream

    async def _open(self) -> _Stream:
        loop, address, tick = asyncio.get_running_loop(), self._address, self._wait / _TICKS
        if address.path is not None:
            return (await loop.create_unix_connection(lambda: _Stream(tick), address.path))[1]
        made = loop.create_connection(lambda: _Stream(tick), address.host, address.port, ssl=address.tls)
        return (await made)[1]


def _packed(commands: Sequence[Command]) -> bytes:
    return b"".join([hiredis.pack_command(command) for command in commands])  # type: ignore[arg-type]


async def _patiently(work: Coroutine[Any, Any, T], wait: float) -> T:
    """What `work` gives within `wait` seconds of a loop that is free. Raises TimeoutError."""
    task = asyncio.ensure_future(work)
    try:
        for _ in range(_TICKS):
            if (await asyncio.wait({task}, timeout=wait / _TICKS))[0]:
                return task.result()
    finally:
        task.cancel()  # nothing, where it is done
    raise TimeoutError
