"""Accepting: each worker takes its share of the connections that wait at the socket of all.

uvicorn's server hands the socket to the event loop, which accepts whatever waits. This one starts without a
socket, and accepts by itself: one connection after the other, while it is this worker's turn.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import select
import socket
from collections.abc import Callable, Collection
from ssl import SSLContext

from bentos.http.pool import Pool, Pooled
from bentos.http.spread import SIGN

logger = logging.getLogger(__name__)

AGAIN = 0.001  # seconds after which a worker whose turn it is not looks again
AT_ONCE = 16  # connections accepted before anything else is done
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
REST = 1.0  # seconds without accepting, once there is no room for another connection


class Acceptor:
    """Accepts for one worker until it is closed; stands in for an asyncio server in uvicorn's list."""

    def __init__(
        self,
        listener: socket.socket,
        pool: Pool,
        connections: Collection[Pooled],
        make: Callable[[], asyncio.Protocol],
        ssl: SSLContext | None = None,
    ) -> None:
        listener.setblocking(False)
        self._listener, self._pool, self._connections = listener, pool, connections
        self._make, self._ssl = make, ssl
        self._loop = asyncio.get_running_loop()
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._opening: set[asyncio.Task[None]] = set()
        self._next_look: asyncio.TimerHandle | None = None
        self._next_sign = self._loop.call_later(SIGN, self._sign)
        self._wait()

    def close(self) -> None:
        """Accept no more; what was accepted goes on."""
        self._next_sign.cancel()
        if self._next_look is not None:
            self._next_look.cancel()
        self._loop.remove_reader(self._listener)
        self._pool.close()

    async def wait_closed(self) -> None:
        """As asyncio's servers; there is nothing to wait for."""

    def _wait(self) -> None:
        """Be told when connections wait."""
        self._next_look = None
        if not self._poll.poll(0):
            self._pool.none_waits()
        self._loop.add_reader(self._listener, self._take)

    def _take(self) -> None:
        """Connections wait."""
        for _ in range(AT_ONCE):
            if not self._pool.takes():
                self._look_again(AGAIN)
                return
            if not self._accept():
                return

    def _look_again(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._next_look = self._loop.call_later(seconds, self._wait)

    def _accept(self) -> bool:
        """Whether another may wait."""
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError):
            self._pool.none_waits()
            return False
        except ConnectionAbortedError:
            return True
        except OSError as error:
            if error.errno not in EXHAUSTED:
                raise
            logger.error("no connection can be accepted: %s", error.strerror)
            self._look_again(REST)
            return False
        accepted.setblocking(False)
        self._pool.accepted()
        task = self._loop.create_task(self._open(accepted))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        return True

    async def _open(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._make, accepted, ssl=self._ssl)
        except OSError as error:  # it has gone already, or it doesn't speak TLS
            logger.debug("a connection ended before it began: %s", error)
            accepted.close()
            self._pool.opened(False)
        else:
            self._pool.opened(True)

    def _sign(self) -> None:
        self._pool.give_sign(self._connections)
        self._next_sign = self._loop.call_later(SIGN, self._sign)
