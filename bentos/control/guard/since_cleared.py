"""Answers from before a person cleared a fault: of that fault they tell nothing more. Pure.

A guard that reads the log late would say again what has been dealt with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import groupby

from bentos.control.guard.quantities import CONTEXT, Observed, family
from bentos.control.guard.record_head import RecordHead
from bentos.home.stops import Stop

Stale = frozenset[str]
"""Subjects of stops, which were cleared after an answer: versions, snapshots, and faults of all versions."""


class SinceCleared:
    """Knows what was cleared, and when (unix s)."""

    def __init__(self, stops: Iterable[Stop] = ()) -> None:
        self._times = {stop.subject: stop.cleared.time for stop in stops if stop.cleared is not None}
        self._last = max(self._times.values(), default=-math.inf)

    def knows(self, stop: Stop) -> bool:
        """Whether a stop is not cleared, or was when this was made."""
        return stop.cleared is None or self._times.get(stop.subject) == stop.cleared.time

    def stretches(self, heads: Sequence[RecordHead]) -> Iterator[tuple[list[RecordHead], Stale]]:
        """The records in their order, in stretches after which the same was cleared."""
        for stale, together in groupby(heads, key=lambda head: self.stale(head.received)):
            yield list(together), stale

    def stale(self, received: float) -> Stale:
        """What was cleared when an answer had been given already."""
        if received > self._last:
            return frozenset()
        return frozenset(subject for subject, time in self._times.items() if received <= time)


def still_told(version: str, observed: Observed, stale: Set[str]) -> Observed:
    """What a stretch's observations of a version, or of what all share, tell still."""
    if version in stale:
        return {}
    gone = stale | CONTEXT if stale & CONTEXT else stale
    return {name: values for name, values in observed.items() if family(name) not in gone}
