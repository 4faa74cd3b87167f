"""Explored decisions that wait for their outcomes, and what these tell of the version's scores. Pure.

An explored order is random, so an item's outcome does not depend on where a version would have put it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.quantities import ORDER, TOO_HIGH, TOO_LOW, Observed
from monitoring.guard.ordering import discordance
from monitoring.log.observations import Keys, Observations, keys
from monitoring.log.record import Decision, Item, Outcome
from monitoring.log.version_name import VersionName

MOST = 50_000  # decisions that wait for their outcomes; the oldest go first


@dataclass
class PendingDecision:
    """An explored decision: its version, event time (unix s), items with scores, and outcomes so far.

    `values` has the time (unix s) and value of each item's latest outcome; `keys` tell which decisions are
    one observation (None: it is one by itself).
    """

    version: str
    time: float
    scores: dict[Item, float]
    values: dict[Item, tuple[float, float]] = field(default_factory=dict)
    keys: Keys | None = field(default=None, compare=False)

    def take(self, item: Item, time: float, value: float) -> None:
        """Take an item's outcome; the latest counts."""
        before = self.values.get(item)
        if item in self.scores and (before is None or before[0] <= time):
            self.values[item] = (time, value)

    def labelled(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores and outcomes of the items whose outcome is known."""
        known = [item for item in self.scores if item in self.values]
        scores = np.array([self.scores[item] for item in known], np.float64)
        return scores, np.array([self.values[item][1] for item in known], np.float64)


class PendingDecisions:
    """Explored decisions wait here until they have matured: `delay` seconds of event time after them.

    `counted` is the event time (unix s) up to which decisions have matured; None before any has.
    """

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.counted: float | None = None
        self._waiting: OrderedDict[str, PendingDecision] = OrderedDict()
        self._matured: OrderedDict[str, None] = OrderedDict()  # requests that have counted

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, decision: Decision) -> None:
        """Take an explored decision that a version scored."""
        scored = zip(decision.slate, decision.scores, strict=True)
        scores = {decision.candidates[place]: score for place, score in scored if score is not None}
        version = VersionName.parse(decision.model).number
        asked = keys(decision.candidates, decision.time, decision.context)
        self._waiting[decision.request_id] = PendingDecision(version, decision.time, scores, keys=asked)
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)

    def take(self, outcome: Outcome) -> None:
        """Take an outcome; the latest of an item counts."""
        waiting = self._waiting.get(outcome.request_id)
        if waiting is not None:
            waiting.take(outcome.item, outcome.time, outcome.value)

    def add_recalled(self, found: Mapping[str, PendingDecision]) -> None:
        """Add decisions from before a restart, by request; of one that waits here already, its outcomes.

        One that has counted here meanwhile does not count again: the log may have been read late.
        """
        for name, each in found.items():
            if name in self._matured:
                continue
            here = self._waiting.setdefault(name, each)
            for item, (time, value) in each.values.items():
                here.take(item, time, value)

    def pop_matured(self, now: float | None) -> list[PendingDecision]:
        """Take out what has matured at `now` (event time, unix s; None: not known, so nothing has)."""
        if now is None:
            return []
        self.counted = max(now - self.delay, self.counted or 0.0)
        names = [name for name, each in self._waiting.items() if each.time + self.delay <= now]
        self._matured |= dict.fromkeys(names)
        while len(self._matured) > MOST:
            self._matured.popitem(last=False)
        return [self._waiting.pop(name) for name in names]


def observe(matured: Iterable[PendingDecision], probabilities: bool, seen: Observations) -> Observed:
    """What one version's decisions tell, by quantity; `probabilities`: scores say how likely a 1 is.

    Decisions that are one observation count as their mean, and not at all where `seen` had it before: their
    outcomes come together, and one that comes later tells the same once more.
    """
    found: Observed = {name: [] for name in ((ORDER, TOO_LOW, TOO_HIGH) if probabilities else (ORDER,))}
    for viewers in _together(matured, seen):
        for name, values in _told(viewers, probabilities).items():
            if values:
                found[name].append(float(np.mean(values)))
    return found


def _together(matured: Iterable[PendingDecision], seen: Observations) -> Iterable[list[PendingDecision]]:
    """The decisions of each new observation."""
    before = seen.count
    found: dict[int, list[PendingDecision]] = {}
    for place, each in enumerate(matured):
        number = -1 - place if each.keys is None else seen.numbered(each.keys)
        if number < 0 or number >= before:
            found.setdefault(number, []).append(each)
    return found.values()


def _told(viewers: Iterable[PendingDecision], probabilities: bool) -> Observed:
    """What each of the decisions of one observation tells."""
    found: Observed = {ORDER: [], TOO_LOW: [], TOO_HIGH: []}
    for each in viewers:
        scores, values = each.labelled()
        wrong = discordance(scores, values)
        if wrong is not None:
            found[ORDER].append(wrong)
        if probabilities and len(scores):
            excess = float(np.clip((values > 0).mean() - scores.mean(), -1, 1))
            found[TOO_LOW].append((1 + excess) / 2)
            found[TOO_HIGH].append((1 - excess) / 2)
    return found


def event_time(times: Iterable[float]) -> float | None:
    """The event time of a look, None without records.

    It is the median of its records', since a log may hold a replay of last year beside live answers.
    """
    found = sorted(times)
    return found[len(found) // 2] if found else None
