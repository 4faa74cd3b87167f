"""Who gets in: what could only be answered late is refused at once, before anything is spent on it.

A burst may wait; a load beyond capacity may not. How long the next request would wait is what is under way
times the time that one takes (Little's law). Once that is more than `CALM`, and `FEW` or more are under way,
only so much is let in as keeps answers prompt, until nothing has been refused for `RECOVERY`.

A refusal asks its client to come back after `RECOVERY`. On a connection that comes back sooner, the next
refusal is held back: one goes out for every `ANSWERS` answers, so that refusing costs little beside them,
or once `RECOVERY` is over.
"""

from __future__ import annotations

import time
from asyncio import TimerHandle
from collections import OrderedDict
from collections.abc import Callable

CALM = 0.05  # seconds of waiting
FEW = 48  # requests that may wait longer than that: 32 connections that never pause are no overload
PRESSED = 0.002  # seconds of waiting; one request at a time is let in however long it takes
RECOVERY = 1.0  # seconds without a refusal; what a refusal asks the client to wait
SMOOTHING = 0.05
ANSWERS = 2  # to one refusal that is held back: a refusal costs a tenth of the smallest answer
NEVER = float("-inf")

Refuse = Callable[[float], None]  # is given the moment of the refusal
Later = Callable[[float, Callable[[Refuse], None], Refuse], TimerHandle]  # as `loop.call_later`


class Admission:
    """Counts what one event loop has under way. `enter` and `leave` cost less than a microsecond.

    Moments are seconds of `clock`.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._under_way = 0
        self._pace = 0.0  # seconds that one request takes, smoothed
        self._left = 0.0  # when the last one left
        self._pressed_until = 0.0
        self._held: OrderedDict[Refuse, TimerHandle] = OrderedDict()  # the longest held first
        self._answers = 0  # since the last one of them went out

    def enter(self, refused: float = NEVER) -> float | None:
        """The moment of entry, to be given to `leave`; None: `refuse`.

        `refused` is when the connection's last request was refused. One that comes back too soon is let in
        where nothing else is under way.
        """
        now = self._clock()
        few, longest = (1, PRESSED) if now < self._pressed_until else (FEW, CALM)
        early = now < self._pressed_until and now - refused < RECOVERY
        if self._under_way and (early or (self._under_way >= few and self._under_way * self._pace > longest)):
            self._pressed_until = now + RECOVERY
            return None
        self._under_way += 1
        return now

    def leave(self, entered: float) -> None:
        """One is answered. While several are under way, one takes what lies between two answers."""
        now = self._clock()
        self._under_way -= 1
        self._pace += SMOOTHING * (now - max(self._left, entered) - self._pace)
        self._left = now
        self._answers += 1

    def go_on(self) -> None:
        """Once an answer is out: send a refusal that was held back, if it is time for one."""
        if self._held and self._answers >= ANSWERS:
            self._let_out(next(iter(self._held)))

    def refuse(self, refused: float, refuse: Refuse, later: Later) -> None:
        """Have one refused that was not let in: at once, or later where its connection came back too soon."""
        now = self._clock()
        if now - refused >= RECOVERY:
            refuse(now)
        else:
            self._held[refuse] = later(RECOVERY, self._let_out, refuse)

    def _let_out(self, refuse: Refuse) -> None:
        handle = self._held.pop(refuse, None)
        if handle is not None:
            handle.cancel()
            self._answers = 0
            refuse(self._clock())
