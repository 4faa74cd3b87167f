"""The connections of one worker: how many are in use, and whether one should go to another worker.

In use is what is new, or was answered on a moment ago: a proxy keeps connections open that it has no need of
now, and they say nothing of who has how much to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Protocol

from bentos.http.shared_counts import SharedCounts
from bentos.http.spread import ABSENT, SIGN, Evening, Turn, WorkerLoad

USED = round(3.0 / SIGN)  # signs: how long a connection is in use after an answer
LIVED = round(3.0 / SIGN)  # signs: a connection that is older may be let go


class Pooled(Protocol):
    """A connection, as the pool sees it."""

    used: int  # the pool's sign at its last answer


class Pool:
    """What this worker holds, told to the others by `tell` and at each sign."""

    def __init__(self, counts: SharedCounts, clock: Callable[[], float] = time.monotonic) -> None:
        self.sign = 0  # how many signs were given: the pool's clock
        self._counts, self._clock = counts, clock
        self._turn, self._evening = Turn(), Evening()
        self._held = self._pending = self._accepted = 0
        self.give_sign(())

    @property
    def held(self) -> int:
        """Connections in use."""
        return self._held

    def takes(self) -> bool:
        """Whether this worker is to accept a connection that waits."""
        now = self._clock()
        if self._turn.mine(self._held, self._counts.others(), now):
            return True
        self._counts.forget_dead()
        return self._turn.mine(self._held, self._counts.others(), now)

    def none_waits(self) -> None:
        """No connection waits at the socket."""
        self._turn.none_waits()

    def accepted(self) -> None:
        """A connection is accepted, and will be `opened` or `failed`."""
        self._held += 1
        self._pending += 1
        self._accepted += 1
        self._tell()

    def opened(self, ok: bool) -> None:
        """What was accepted is served from now on, or has failed."""
        self._pending -= 1
        if not ok:
            self._held -= 1
            self._tell()

    def ended(self, connection: Pooled) -> None:
        """A connection is gone, or is about to go."""
        if connection.used >= self.sign - USED:
            connection.used = -USED - 1
            self._held -= 1
            self._tell()

    def lets_go(self, since: int) -> bool:
        """Whether a connection that is there since that sign should go: asked at the end of an answer."""
        return self.sign - since >= LIVED and self._evening.spend()

    def give_sign(self, connections: Collection[Pooled]) -> None:
        """Count anew, tell the others, and see whether they hold fewer: once every `SIGN` seconds."""
        self.sign += 1
        oldest = self.sign - USED
        self._held = self._pending + sum(each.used >= oldest for each in connections)
        self._tell()
        self._evening.earn(self._held, self._living(), SIGN)

    def close(self) -> None:
        """This worker accepts no more."""
        self._counts.close()

    def _living(self) -> list[WorkerLoad]:
        now = self._clock()
        return [each for each in self._counts.others() if now - each.said < ABSENT]

    def _tell(self) -> None:
        self._counts.tell(self._held, self._accepted, self._clock())
