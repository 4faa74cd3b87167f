"""Who gets in: what could only be answered late is refused at once, before anything is spent on it.

A burst may wait; a load beyond capacity may not. How long the next request would wait is what is under way
times the time that one takes (Little's law). Once that is more than `CALM`, and `FEW` or more are under way,
only so much is let in as keeps answers prompt, until nothing has been refused for `RECOVERY`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

CALM = 0.05  # seconds of waiting
FEW = 48  # requests that may wait longer than that: 32 connections that never pause are no overload
PRESSED = 0.0005  # seconds of waiting; one request at a time is let in however long it takes
RECOVERY = 1.0  # seconds without a refusal; what a refusal asks the client to wait
SMOOTHING = 0.05


class Admission:
    """Counts what one event loop has under way. `enter` and `leave` cost less than a microsecond."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._under_way = 0
        self._pace = 0.0  # seconds that one request takes, smoothed
        self._left = 0.0  # when the last one left
        self._pressed_until = 0.0

    def enter(self) -> float | None:
        """The moment of entry, to be given to `leave`; None: refuse."""
        now = self._clock()
        few, longest = (1, PRESSED) if now < self._pressed_until else (FEW, CALM)
        if self._under_way >= few and self._under_way * self._pace > longest:
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
