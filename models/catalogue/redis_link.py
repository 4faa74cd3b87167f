"""Asking one Redis from the event loop: an answer within a bounded wait, or RedisUnavailable.

redis-py's plain client needs a thread, and handing over to one and back costs more than Redis does for ten
keys; its asyncio client takes four times as long for 3,000. Here a request is one write, hiredis reads what
comes back, and requests that are under way together share the connection (Redis answers in order).
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import hiredis

from models.catalogue.redis_address import Address, Command
from models.catalogue.redis_stream import (
    PATIENCE,
    TICKS,
    RedisConnectionLost,
    RedisStream,
    RedisUnavailable,
)

__all__ = ["PATIENCE", "PAUSE", "WAIT", "Address", "Command", "RedisLink", "RedisUnavailable"]

WAIT = 0.1  # seconds for the next answer due: fifty times a healthy one for 3,000 items
PAUSE = 0.5  # seconds without asking, after Redis has failed to answer

T = TypeVar("T")


class RedisLink:
    """One Redis for one event loop. Connects when asked; once it has failed, it is left alone for PAUSE s."""

    def __init__(
        self, address: Address, wait: float = WAIT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.clock = clock
        self._address, self._wait = address, wait
        self._paused = 0.0
        self._stream: RedisStream | None = None
        self._connecting: asyncio.Task[RedisStream] | None = None

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
        except RedisConnectionLost:
            try:
                return await (await self._connected()).ask(message, replies)
            except RedisConnectionLost as error:
                raise RedisUnavailable(f"Redis does not answer: {error}") from None

    async def _connected(self) -> RedisStream:
        if self._stream is not None and self._stream.usable:
            return self._stream
        if self._connecting is None:  # all that wait for it share one attempt
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(self._settle)
        return await asyncio.shield(self._connecting)

    def _settle(self, task: asyncio.Task[RedisStream]) -> None:
        self._connecting = None
        if not task.cancelled() and task.exception() is None:
            self._stream = task.result()

    async def _connect(self) -> RedisStream:
        where = f"Redis at {self._address}"
        try:
            return await _patiently(self._enter(), self._wait)
        except TimeoutError:
            raise RedisUnavailable(f"{where} has not let us in within {self._wait:g} s") from None
        except (OSError, RedisConnectionLost) as error:
            raise RedisUnavailable(f"{where} does not answer: {error}") from error

    async def _enter(self) -> RedisStream:
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

    async def _open(self) -> RedisStream:
        loop, address, tick = asyncio.get_running_loop(), self._address, self._wait / TICKS
        if address.path is not None:
            return (await loop.create_unix_connection(lambda: RedisStream(tick), address.path))[1]
        made = loop.create_connection(lambda: RedisStream(tick), address.host, address.port, ssl=address.tls)
        return (await made)[1]


def _packed(commands: Sequence[Command]) -> bytes:
    return b"".join([hiredis.pack_command(command) for command in commands])  # type: ignore[arg-type]


async def _patiently(work: Coroutine[Any, Any, T], wait: float) -> T:
    """What `work` gives within `wait` seconds of a loop that is free. Raises TimeoutError."""
    task = asyncio.ensure_future(work)
    try:
        for _ in range(TICKS):
            if (await asyncio.wait({task}, timeout=wait / TICKS))[0]:
                return task.result()
    finally:
        task.cancel()  # nothing, where it is done
    raise TimeoutError
