"""An HTTP/1.1 load client on raw asyncio protocols: keep-alive, payloads built beforehand, one core.

A closed loop keeps every connection busy with the next body as soon as an answer is complete. An open loop
sends when a schedule says so, whether answers come or not, and times from the moment that was scheduled,
so that a server that falls behind can't slow down what is asked of it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from tests.bench.cores import cpu_seconds

KEEP_EVERY = 97  # whole answers kept for inspection: a prime, so that they fall on all connections
KEEP_MOST = 40


@dataclass
class Tally:
    """What came back. Seconds; `kept` are (number of the body, answer) of answers with status 200."""

    latencies: list[float] = field(default_factory=list)  # of answers with status 200
    since: list[float] = field(default_factory=list)  # what each of them is counted from (perf_counter)
    statuses: dict[int, int] = field(default_factory=dict)
    retry_after: int = 0  # of those with status 429
    refused: list[float] = field(default_factory=list)  # what those are counted from
    broken: int = 0  # connections that ended with a request under way
    unsent: int = 0  # open loop: no connection was free, and no more may be opened
    seconds: float = 0.0
    cpu: float = 0.0  # of `watched`, within the window
    cpu_all: float = 0.0  # of `all_of_it`, within the window
    kept: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """Answers of any status."""
        return sum(self.statuses.values())


@dataclass(frozen=True)
class Target:
    """Where to, what, and whose CPU to read: `watched` of the processes `all_of_it`."""

    port: int
    path: str
    bodies: Sequence[bytes]
    watched: Sequence[int] = ()
    all_of_it: Sequence[int] = ()

    def messages(self) -> list[bytes]:
        """Whole requests."""
        head = f"POST {self.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        return [f"{head}content-length: {len(body)}\r\n\r\n".encode() + body for body in self.bodies]


Answered = Callable[["Connection", int, bytes], None]


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, answered: Answered, broken: Callable[[Connection], None]) -> None:
        self.number = -1  # of the body under way; -1: idle
        self.since = 0.0
        self.transport: asyncio.Transport | None = None
        self._answered, self._broken = answered, broken
        self._parts: list[bytes] = []
        self._missing = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # by duck type, with uvloop

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._broken(self)

    def send(self, number: int, message: bytes, since: float) -> None:
        """Send a request; `since` is what its latency is counted from."""
        assert self.transport is not None
        self.number, self.since = number, since
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._parts.append(data)
            self._missing -= len(data)
        else:
            head, end, body = (self._head + data).partition(b"\r\n\r\n")
            if not end:
                self._head = head
                return
            self._head, self._parts = head, [body]
            self._missing = _length(head) - len(body)
        if self._missing == 0:
            head, self._head = self._head, b""
            self._answered(self, int(head[9:12]), b"".join([head, b"\r\n\r\n", *self._parts]))

    def close(self) -> None:
        """End it; what is under way counts neither as answered nor as broken."""
        self.number = -1
        if self.transport is not None:
            self.transport.abort()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise ValueError(f"an answer without content-length, which this client does not read: {head[:200]!r}")


class Load:
    """One run against one target."""

    def __init__(self, target: Target) -> None:
        self.tally = Tally()
        self._target = target
        self._messages = target.messages()
        self._order = itertools.cycle(range(len(self._messages)))
        self._counting = False
        self._from = self._until = 0.0
        self._open = True
        self._free: deque[Connection] = deque()
        self._connections: set[Connection] = set()
        self._opening: set[asyncio.Task[Connection]] = set()

    async def closed(self, connections: int, warm: float, seconds: float, most: int = 10**9) -> Tally:
        """Keep `connections` busy for `warm` seconds and then count for `seconds`, or `most` answers."""
        for _ in range(connections):
            self._next(await self._connect(self._answered_closed))
        await asyncio.sleep(warm)
        self._start()
        while time.perf_counter() < self._from + seconds and self.tally.answered < most:
            await asyncio.sleep(min(0.02, seconds))
        return self._stop()

    async def open(self, rate: float, seconds: float, connections: int) -> Tally:
        """Send `rate` requests a second for `seconds`, over at most so many connections; then wait 5 s."""
        for _ in range(0, connections, 64):  # all beforehand: making one costs this core ten requests
            opening = [self._connect(self._answered_open) for _ in range(64)]
            self._free.extend(await asyncio.gather(*opening))
        self._start()
        sent = 0
        while (now := time.perf_counter()) < self._from + seconds:
            while sent < (now - self._from) * rate:
                self._send_open(self._from + sent / rate, connections)
                sent += 1
            await asyncio.sleep(0.001)
        deadline = time.perf_counter() + 5
        while self._under_way() and time.perf_counter() < deadline:
            await asyncio.sleep(0.02)
        self.tally.broken += self._under_way()
        return self._stop(seconds)

    def _under_way(self) -> int:
        return len(self._opening) + sum(one.number >= 0 for one in self._connections)

    def _start(self) -> None:
        self._counting = True
        self.tally.cpu = -cpu_seconds(self._target.watched)
        self.tally.cpu_all = -cpu_seconds(self._target.all_of_it)
        self._from = time.perf_counter()

    def _stop(self, seconds: float | None = None) -> Tally:
        self._counting = self._open = False
        self.tally.seconds = seconds or time.perf_counter() - self._from
        self.tally.cpu += cpu_seconds(self._target.watched)
        self.tally.cpu_all += cpu_seconds(self._target.all_of_it)
        for connection in list(self._connections):
            connection.close()
        return self.tally

    async def _connect(self, answered: Answered) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: Connection(answered, self._lost), "127.0.0.1", self._target.port
        )
        self._connections.add(connection)
        return connection

    def _next(self, connection: Connection) -> None:
        number = next(self._order)
        connection.send(number, self._messages[number], time.perf_counter())

    def _send_open(self, scheduled: float, connections: int) -> None:
        number = next(self._order)
        while self._free:
            connection = self._free.pop()
            if connection.transport is not None:
                connection.send(number, self._messages[number], scheduled)
                return
        if len(self._connections) + len(self._opening) >= connections:
            self.tally.unsent += 1
            return
        # Nobody waits for a connection to be made: a schedule that did would be slowed down by the server.
        task = asyncio.ensure_future(self._connect(self._answered_open))
        self._opening.add(task)
        task.add_done_callback(lambda done: self._opened(done, number, scheduled))

    def _opened(self, done: asyncio.Task[Connection], number: int, scheduled: float) -> None:
        self._opening.discard(done)
        if done.cancelled() or done.exception():
            self.tally.broken += 1
        else:
            done.result().send(number, self._messages[number], scheduled)

    def _answered_closed(self, connection: Connection, status: int, answer: bytes) -> None:
        self._count(connection, status, answer)
        if self._open:
            self._next(connection)

    def _answered_open(self, connection: Connection, status: int, answer: bytes) -> None:
        self._count(connection, status, answer)
        connection.number = -1
        self._free.append(connection)

    def _count(self, connection: Connection, status: int, answer: bytes) -> None:
        if not self._counting:
            return
        tally = self.tally
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        if status == 200:
            if connection.since >= self._from:
                tally.latencies.append(time.perf_counter() - connection.since)
                tally.since.append(connection.since)
            if len(tally.latencies) % KEEP_EVERY == 0 and len(tally.kept) < KEEP_MOST:
                tally.kept.append((connection.number, answer.partition(b"\r\n\r\n")[2]))
        elif status == 429:
            tally.retry_after += b"\r\nretry-after:" in answer[:2000].lower()
            tally.refused.append(connection.since)

    def _lost(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if connection.number >= 0 and self._open:
            self.tally.broken += 1
            if (
                self._counting and not self._free
            ):  # a closed loop opens another; an open one does when it sends
                self._replace(connection)

    def _replace(self, connection: Connection) -> None:
        if connection._answered == self._answered_closed:
            task = asyncio.ensure_future(self._connect(self._answered_closed))
            task.add_done_callback(lambda done: None if done.exception() else self._next(done.result()))
