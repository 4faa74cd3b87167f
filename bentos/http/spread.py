"""Which worker takes the next connection, and which lets one go, so that each has as many as the others.

All workers wait at one socket, and the kernel wakes whom it likes: left alone, the first to wake takes a
whole burst. Here a worker accepts only while none of the others holds fewer connections than it. Those that
others leave waiting it takes nevertheless after `PATIENCE`, and it does not count on a worker that has given
no sign for `ABSENT`: whatever becomes of the others, somebody accepts. Pure: the clock comes as an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

PATIENCE = 0.1  # seconds that a connection is left to the others: an answer of theirs takes a few ms
ABSENT = 0.5  # seconds without a sign after which a worker is not counted on
SIGN = 0.1  # seconds between two signs
EVEN_IN = 10.0  # seconds in which two thirds of a difference are made up for
SLOWEST, FASTEST = 1.0, 50.0  # connections let go in a second, while there is a difference


class WorkerLoad(NamedTuple):
    """What a worker tells the others: connections in use, accepted since it began, when it said so (s)."""

    held: int
    accepted: int
    said: float


def least(others: Sequence[WorkerLoad], now: float) -> int | None:
    """The fewest connections that another worker holds, of those that give signs; None without any."""
    return min((each.held for each in others if now - each.said < ABSENT), default=None)


class Turn:
    """Whether a worker may accept now; it remembers since when others leave connections waiting."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._taken = 0

    def mine(self, held: int, others: Sequence[WorkerLoad], now: float) -> bool:
        """To be asked while connections wait, by a worker that holds so many. A yes is for one of them."""
        fewest = least(others, now)
        if fewest is None or held <= fewest:
            self._since = None
            return True
        taken = sum(each.accepted for each in others)
        if self._since is None or taken != self._taken:
            self._since, self._taken = now, taken
        if now - self._since < PATIENCE:
            return False
        self._since = now
        return True

    def none_waits(self) -> None:
        """No connection waits any more."""
        self._since = None


class Evening:
    """How many connections a worker that holds too many may let go: earned with time, at a bounded rate."""

    def __init__(self) -> None:
        self._allowed = 0.0

    def earn(self, held: int, others: Sequence[WorkerLoad], seconds: float) -> None:
        """So many seconds passed in which this worker held so many. `others` are those that give signs.

        A difference of one, or of a tenth, is left as it is.
        """
        if not others or held < min(each.held for each in others) + max(2, held // 10):
            self._allowed = 0.0
            return
        mean = (held + sum(each.held for each in others)) / (1 + len(others))
        earned = min(FASTEST, max(SLOWEST, (held - mean) / EVEN_IN)) * seconds
        self._allowed = min(self._allowed + earned, max(1.0, 2 * earned))

    def spend(self) -> bool:
        """Whether one may go now."""
        if self._allowed < 1.0:
            return False
        self._allowed -= 1.0
        return True
