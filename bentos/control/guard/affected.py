"""How many answers a fault of all versions may have put into another order, since it began.

Where the champion keeps serving (`when_shared = "keep"`), the fault goes on: its record says how far. Answers
whose order was a version's own are counted; drawn orders and the fallback order do not follow the scores.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from bentos.control.guard.outcomes import event_time
from bentos.control.guard.record_head import RecordHead
from bentos.home.stops import Stops

REMEMBERED = 200_000  # looks: two days of seconds with answers in each


class Affected:
    """Counts the answers of every look, and those since each fault on record began (event time, unix s)."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=REMEMBERED)
        self._totals: dict[str, int] = {}

    def take(self, heads: Sequence[RecordHead]) -> None:
        """Take a look's new records."""
        now = event_time(each.time for each in heads)
        own = sum(not each.explored and each.fallback is None for each in heads)
        if now is None:
            return
        self._looks.append((now, own))
        self._totals = {subject: total + own for subject, total in self._totals.items()}

    def write(self, stops: Stops) -> None:
        """Write the counts into the faults on record.

        A fault's first count is of all looks since it began; of one that was counted before a restart, of all
        looks since then.
        """
        active = {subject: stop for subject, stop in stops.active("shared").items() if stop.since}
        self._totals = {subject: total for subject, total in self._totals.items() if subject in active}
        for subject, stop in active.items():
            first = stop.answers + self._since(-math.inf if stop.answers else stop.since)
            total = self._totals.setdefault(subject, first)
            if total != stop.answers:
                stops.amend(stop, answers=total)

    def _since(self, began: float) -> int:
        return sum(own for time, own in self._looks if time >= began)
