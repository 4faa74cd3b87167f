"""What an airport has seen by the time of a decision: delays so far and the backlog. Pure, vectorised.

Times are minutes since a common origin. A departure's actual time is known once it has passed and not
before, so every figure of moment t uses actual departures at or before t only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.float64]
HOUR = 60.0
LONGEST = 180.0  # minutes: later than this says no more
LATE = 15.0  # minutes: the lowest grade above punctual


@dataclass(frozen=True)
class Departures:
    """Departures of one airport, or of one carrier there, in minutes; `departed` is NaN where cancelled."""

    scheduled: Minutes
    departed: Minutes

    def recent(self, moments: Minutes, hours: float) -> Minutes:
        """Mean delay in minutes of what really left in the `hours` up to each moment, or NaN."""
        left = np.isfinite(self.departed)
        order = np.argsort(self.departed[left], kind="stable")
        times = self.departed[left][order]
        delay = np.concatenate([[0.0], np.cumsum((self.departed - self.scheduled)[left][order])])
        upto = np.searchsorted(times, moments, side="right")
        since = np.searchsorted(times, moments - hours * HOUR, side="right")
        count = upto - since
        return np.asarray((delay[upto] - delay[since]) / np.where(count > 0, count, np.nan))

    def waiting(self, moments: Minutes, hours: int = 6) -> Minutes:
        """Number of departures due in the `hours` before each moment that have not left.

        `moments` are full hours, ascending. A cancelled departure waits too: when it was called off is not in
        the data.
        """
        return self._due(moments, 0, hours, self._waits)[1]

    def so_far(self, moments: Minutes, first: int, last: int) -> Minutes:
        """Mean minutes late, as far as can be seen, of what was due `first` to `last` hours before.

        What has not left is late by the time it has waited, at most three hours: cancellations show that way.
        NaN where nothing was due.
        """
        number, late = self._due(moments, first, last, self._lateness)
        return late / np.where(number > 0, number, np.nan)

    def _waits(self, moment: Minutes) -> Minutes:
        return np.where(self.departed <= moment, 0.0, 1.0)

    def _lateness(self, moment: Minutes) -> Minutes:
        left = np.where(self.departed <= moment, self.departed, moment)
        return np.minimum(left - self.scheduled, LONGEST)

    def _due(
        self, moments: Minutes, first: int, last: int, value: Callable[[Minutes], Minutes]
    ) -> tuple[Minutes, Minutes]:
        """(number, sum of value) over what was due `first` to `last` hours before each moment."""
        number, total = np.zeros(len(moments)), np.zeros(len(moments))
        hour = np.floor(self.scheduled / HOUR) * HOUR
        for later in range(first, last):
            moment = hour + (later + 1) * HOUR
            place = np.searchsorted(moments, moment)
            found = (place < len(moments)) & (moments[np.minimum(place, len(moments) - 1)] == moment)
            np.add.at(number, place[found], 1.0)
            np.add.at(total, place[found], value(moment)[found])
        return number, total

    def late_today(self, moments: Minutes, midnights: Minutes) -> Minutes:
        """Share of today's departures due by 15 minutes ago that did not leave within 15; NaN for none."""
        due = np.sort(self.scheduled + LATE)
        late = np.sort((self.scheduled + LATE)[~(self.departed < self.scheduled + LATE)])
        total, bad = (
            np.searchsorted(times, moments, side="right")
            - np.searchsorted(times, midnights + LATE, side="left")
            for times in (due, late)
        )
        return np.asarray(bad / np.where(total > 0, total, np.nan))
