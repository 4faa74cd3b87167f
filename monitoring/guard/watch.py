"""One quantity under watch: its evidence, its latest mean, and what a trip says of both."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from monitoring.dates import to_minute
from monitoring.guard.change import MeanChange
from monitoring.guard.evidence import Evidence
from monitoring.guard.quantity import Clock, Quantity

RECENT = 60
"""Looks whose mean a report shows. The evidence is of all looks, a trip's mean of those since the change."""


@dataclass(frozen=True)
class Trip:
    """Why a version must stop: the `mean` since the change began at `since`, beside its limit.

    `since` is in event time, `time` when it tripped, both in unix seconds. `evidence` says it in a sentence;
    `observations` are all there were.
    """

    version: str
    quantity: str
    clock: Clock
    mean: float
    limit: float
    observations: int
    evidence: str
    time: float
    against: str = ""
    since: float = 0.0


class _Look(NamedTuple):
    """Observations of one look: when they were made (unix s), their number and sum."""

    at: float
    number: int
    total: float


class Watch:
    """A quantity and what was observed of it so far."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.evidence = Evidence(self.quantity.limit, self.quantity.odds)
        self._recent: deque[_Look] = deque(maxlen=RECENT)

    def look(self, values: ArrayLike, at: float = 0.0) -> bool:
        """Take observations in [0, 1], made `at` (unix s); True where the evidence is enough.

        Raises ValueError for others.
        """
        found = np.asarray(values, dtype=np.float64)
        enough = self.evidence.look(found, at)
        if len(found):
            self._recent.append(_Look(at, len(found), float(found.sum())))
        return enough

    def since(self, time: float) -> tuple[int, float]:
        """How many of the last looks' observations were made since then (unix s), their mean (0: none)."""
        looks = [look for look in self._recent if look.at >= time]
        count = sum(look.number for look in looks)
        return count, sum(look.total for look in looks) / max(1, count)

    def to_json(self) -> dict[str, Any]:
        """The evidence, and what it was gathered against."""
        of = self.quantity
        return self.evidence.to_json() | {"limit": of.limit, "against": of.against}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `to_json` gave; begin anew where the limit, or what is compared with, was another.

        Wealth won against one limit proves nothing about another.
        """
        of = self.quantity
        same = saved.get("limit", of.limit) == of.limit and saved.get("against", of.against) == of.against
        if same:
            self.evidence = Evidence.from_json(of.limit, of.odds, saved)

    def report(self) -> dict[str, Any]:
        """Where it stands, for people."""
        of, evidence = self.quantity, self.evidence
        return {
            "clock": of.clock,
            "limit": of.limit,
            "source": of.source,
            "observations": evidence.observations,
            "mean": self._mean() if self._recent else None,
            "evidence": max(0.0, evidence.share),
            "change": None if evidence.change is None else evidence.change._asdict(),
        }

    def trip(self, version: str, now: float) -> Trip:
        """The trip that the evidence amounts to; `now` in unix seconds."""
        of, change = self.quantity, self._change(now)
        count, said = self.evidence.observations, self._said(change)
        return Trip(
            version, of.name, of.clock, change.mean, of.limit, count, said, now, of.against, change.since
        )

    def _change(self, now: float) -> MeanChange:
        """Where an earlier release did not save when it began, the last looks stand for it."""
        known = self.evidence.change
        return (
            MeanChange(now, sum(look.number for look in self._recent), self._mean())
            if known is None
            else known
        )

    def _mean(self) -> float:
        return self.since(-math.inf)[1]

    def _said(self, change: MeanChange) -> str:
        of, evidence = self.quantity, self.evidence
        since_start = evidence.log_start >= -math.log(of.odds.alpha)
        log, test = (
            (evidence.log_start, f"at most {of.odds.alpha:g} of healthy versions ever get there")
            if since_start
            else (evidence.log_any, f"a healthy version gets there once in {of.odds.run_length:.3g} looks")
        )
        began = to_minute(change.since)
        return (
            f"{of.name}: {of.unit.observed(change.mean, change.observations)} since {began}, healthy up to "
            f"{of.unit.say(of.limit)} ({of.source}); evidence 10^{log / math.log(10):.1f} "
            f"after {evidence.observations:,} {of.unit.each}, {test}"
        )
