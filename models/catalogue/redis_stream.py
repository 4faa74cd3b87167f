"""One connection to a Redis: requests go out as they come, replies are handed out in order.

How long Redis has kept us waiting is counted in ticks of the event loop, not by the clock: while this process
is busy no tick passes, so that its own load never looks like a Redis that has gone.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any, cast

import hiredis

from monitoring.errors import UserError

TICKS = 10  # in the longest wait for the next answer
PATIENCE = 5  # times that wait: for an answer behind others that come, but slowly
_MORE = object()


class RedisUnavailable(UserError):  # noqa: N818  (the declared fallback order serves)
    """Redis has not answered in time, or not at all; the sentence says how."""


class RedisConnectionLost(Exception):  # noqa: N818  (whoever asked may connect again)
    """The connection ended before the answer came."""


@dataclass(eq=False)
class _Asked:
    """A message that is under way: what waits for its replies, and those that have come."""

    answer: asyncio.Future[list[Any]]
    missing: int  # replies
    since: int  # ticks
    replies: list[Any] = field(default_factory=list)


class RedisStream(asyncio.Protocol):
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
        self._end(RedisConnectionLost(f"the connection ended{f': {exc}' if exc else ''}"))

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
            raise RedisConnectionLost("the connection has ended")
        one = _Asked(asyncio.get_running_loop().create_future(), replies, self._ticks)
        if not self._asked:
            self._moved = self._ticks
        self._asked.append(one)
        self._transport.write(message)
        self._watch()
        return await one.answer

    def close(self) -> None:
        """End it."""
        self._end(RedisConnectionLost("the connection was closed"))

    def _hand_out(self, reply: Any) -> None:
        if not self._asked:
            self._end(RedisConnectionLost(f"Redis said {reply!r} unasked"))
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
        if due > TICKS or whole > PATIENCE * TICKS:
            seconds = TICKS * self._tick * (1 if due > TICKS else PATIENCE)
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
