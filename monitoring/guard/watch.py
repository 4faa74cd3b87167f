"""One quantity under watch: its evidence, its latest mean, and what a trip says of both."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from monitoring.guard.evidence import Evidence
from monitoring.guard.quantity import Clock, Quantity

RECENT = 60
"""Looks whose mean a trip shows, as the size of the fault; the evidence is of all looks."""


@dataclass(frozen=True)
class Trip:
    """Why a version must stop. `recent` is the mean over the last looks, beside its limit."""

    version: str
    quantity: str
    clock: Clock
    recent: float
    limit: float
    observations: int
    evidence: str
    time: float
    against: str = ""


class Watch:
    """A quantity and what was observed of it so far."""

    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.evidence = Evidence(self.quantity.limit, self.quantity.odds)
        self._recent: deque[tuple[int, float]] = deque(maxlen=RECENT)

    def look(self, values: ArrayLike) -> bool:
        """Take observations in [0, 1]; True where the evidence is enough. Raises ValueError for others."""
        found = np.asarray(values, dtype=np.float64)
        enough = self.evidence.look(found)
        if len(found):
            self._recent.append((len(found), float(found.sum())))
        return enough

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
        }

    def trip(self, version: str, now: float) -> Trip:
        """The trip that the evidence amounts to; `now` in unix seconds."""
        of, recent = self.quantity, self._mean()
        count = self.evidence.observations
        return Trip(version, of.name, of.clock, recent, of.limit, count, self._said(recent), now, of.against)

    def _mean(self) -> float:
        count, total = (sum(column) for column in zip(*self._recent, strict=True))
        return float(total / count)

    def _said(self, recent: float) -> str:
        of, evidence = self.quantity, self.evidence
        since_start = evidence.log_start >= -math.log(of.odds.alpha)
        log, test = (
            (evidence.log_start, f"at most {of.odds.alpha:g} of healthy versions ever get there")
            if since_start
            else (evidence.log_any, f"a healthy version gets there once in {of.odds.run_length:.3g} looks")
        )
        return (
            f"{of.name}: mean {recent:.3g} lately, healthy up to {of.limit:.3g} ({of.source}); evidence "
            f"10^{log / math.log(10):.1f} after {evidence.observations} observations, {test}"
        )
