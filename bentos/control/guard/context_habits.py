"""Habits that numbers of the context had in training: a few values only, or the hour of the request. Pure.

Wind that is reported in whole knots has thirty values; in another unit it has others between them. An hour
that a client reads from another clock is as plausible as the right one, but is not the request's.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.context import Moment, is_number
from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.quantities import Observed, clock_of, unknown_of
from models.contexts.shown import ODDS
from monitoring.guard.limits import share_limit
from monitoring.guard.quantity import Quantity
from monitoring.guard.unit import Unit
from monitoring.guard.worst import sound

Floats = NDArray[np.float64]

LEAST = 200  # values in training without which a field has no habit
KINDS = 10  # different values, of which a field has at least as many
NEW = 0.05  # of the later half of training's values at most, that were not among the earlier half's
LIMITS = (0.3, 0.4, 0.5, 0.6, 0.7)  # the first that training itself, in its own order, does not come near
CLOCKS = {24.0: "hours", 1440.0: "minutes", 86_400.0: "seconds"}  # by how many make a day
FOLLOWS = 0.98  # of training's values lie so near to the request's time of day
NEAR, FAR = 1.0, 1.6  # hours around the middle: a whole hour is half of one off, and summer time one more
SEEN = Unit("requests")


class FewValues:
    """Values that training had of a field which has few; beyond them nothing is said."""

    def __init__(self, values: Iterable[float]) -> None:
        self._known = sorted({float(np.float32(value)) for value in values})

    def look(self, value: float) -> float | None:
        """1 for a value between training's that is none of them, 0 for one of them; None outside of all.

        >>> knots = FewValues([0.0, 1.15, 2.3])
        >>> knots.look(1.15), knots.look(1.85), knots.look(40.0)
        (0.0, 1.0, None)
        """
        value = float(np.float32(value))
        if not self._known[0] <= value <= self._known[-1]:
            return None
        return float(self._known[bisect_left(self._known, value)] != value)


class TimeOfDay:
    """A field that tells the time of day, in units of which `day` make one; `middle` is in them."""

    def __init__(self, day: float, middle: float) -> None:
        self._day, self._middle = day, middle

    @classmethod
    def learn(cls, times: Floats, values: Floats) -> TimeOfDay | None:
        """From event times (unix s) and values; None where they don't follow the time of day."""
        day = next((each for each in CLOCKS if values.max() <= each), None)
        if day is None or values.min() < 0:
            return None
        turn = (values - times * day / 86_400.0) % day * (2 * math.pi / day)
        middle = math.atan2(np.sin(turn).mean(), np.cos(turn).mean()) * day / (2 * math.pi)
        found = cls(day, middle)
        apart = [found.hours_apart(time, value) for time, value in zip(times, values, strict=True)]
        return found if np.mean(np.array(apart) <= NEAR) >= FOLLOWS else None

    def hours_apart(self, time: float, value: float) -> float:
        """How far the field is from what it was at this time of day in training.

        >>> TimeOfDay(24.0, -0.5).hours_apart(23.5 * 3600, 1.0)
        2.0
        """
        off = (value - time * self._day / 86_400.0 - self._middle + self._day / 2) % self._day
        return abs(off - self._day / 2) * 24 / self._day

    def look(self, time: float, value: float) -> float:
        """1 where it is off by more than summer time can make it, else 0."""
        return float(self.hours_apart(time, value) > FAR)


class ContextHabits:
    """Watches numbers of the context that had a habit in `reference`, requests in time order.

    `unwatched` is what had one that training itself did not keep well enough; no habit gives no row.
    """

    def __init__(self, names: Iterable[str], reference: Sequence[Moment]) -> None:
        self.quantities: list[Quantity] = []
        self.unwatched: dict[str, str] = {}
        self._few: dict[str, FewValues] = {}
        self._clock: dict[str, TimeOfDay] = {}
        for name in names:
            given = [(time, context[name]) for time, context in reference if is_number(context.get(name))]
            if len(given) >= LEAST:
                self._learn(name, *np.array(given, np.float64).T)

    def observe(self, requests: Sequence[AskedRequest]) -> Observed:
        """0 or 1 per different request and field."""
        found: Observed = {each.name: [] for each in self.quantities}
        for request in requests:
            if not request.first:
                continue
            numbers = {name: value for name, value in request.context.items() if is_number(value)}
            for name in self._few.keys() & numbers:
                said = self._few[name].look(numbers[name])
                found[unknown_of(name)] += [] if said is None else [said]
            for name in self._clock.keys() & numbers:
                found[clock_of(name)].append(self._clock[name].look(request.time, numbers[name]))
        return found

    def _learn(self, name: str, times: Floats, values: Floats) -> None:
        if len(np.unique(values)) < KINDS:
            return
        clock = TimeOfDay.learn(times, values)
        if clock is not None:
            told = np.array([clock.look(*each) for each in zip(times, values, strict=True)])
            if self._take(clock_of(name), told, "are off"):
                self._clock[name] = clock
        half = len(values) // 2
        earlier = FewValues(values[:half].tolist())
        said = [earlier.look(value) for value in values[half:].tolist()]
        told = np.array([each for each in said if each is not None], np.float64)
        if len(told) >= LEAST // 4 and told.mean() <= NEW and self._take(unknown_of(name), told, "are new"):
            self._few[name] = FewValues(values.tolist())

    def _take(self, name: str, told: Floats, what: str) -> bool:
        count, requests = int(told.sum()), len(told)
        least = share_limit(count, requests)
        limit = sound(told, [each for each in LIMITS if each >= least], ODDS)
        if limit is None:
            self.unwatched[name] = f"{count} of {requests} in training {what}: more can't be told"
            return False
        source = f"{count} of {requests} in training {what}"
        self.quantities.append(Quantity(name, "minutes", limit, source, ODDS, unit=SEEN))
        return True
