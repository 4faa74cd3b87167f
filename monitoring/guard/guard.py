"""The guard over one version: observations of its quantities become trips, which say why it must stop.

Pure: the caller reads the log, holds the clock, and acts. All quantities are tested alike (`evidence`); they
differ in the clock by which observations come:

- seconds: shares of requests with a fallback, unsound scores, slow answers;
- minutes, without labels: `disagreement` of champion and challenger, the share of scores in the tails;
- hours, with labels: `discordance` with matured outcomes on the exploration slice, calibration in the large.

A version is healthy while the mean of each quantity stays at or under its limit, which comes from a reference
(`limits`). False alarms of one quantity: at most `alpha` + looks / `run_length` (see `evidence.Odds`); those
of a guard, at most the sum over its quantities.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from monitoring.guard.evidence import Evidence, Odds

RECENT = 60
"""Looks whose mean a trip shows, as the size of the fault; the evidence is of all looks."""

Clock = Literal["seconds", "minutes", "hours"]


@dataclass(frozen=True)
class Quantity:
    """What is watched: the mean of observations in [0, 1], healthy up to `limit`, that came from `source`."""

    name: str
    clock: Clock
    limit: float
    source: str
    odds: Odds = field(default_factory=Odds)


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


class Guard:
    """Watches the quantities of one version. A quantity that has tripped stays so until `clear`."""

    def __init__(self, version: str, quantities: Iterable[Quantity]) -> None:
        self.version = version
        self._watches = {quantity.name: _Watch(quantity) for quantity in quantities}
        self.trips: list[Trip] = []

    @property
    def names(self) -> frozenset[str]:
        """The quantities that are watched."""
        return frozenset(self._watches)

    def look(self, observed: Mapping[str, ArrayLike], now: float) -> list[Trip]:
        """One look at what was observed since the last, by quantity; the trips it causes, if any.

        A quantity that has tripped is not looked at again before `clear`. Raises KeyError for a quantity
        that this guard does not watch, ValueError for observations outside [0, 1].
        """
        unknown = observed.keys() - self._watches.keys()
        if unknown:
            raise KeyError(f"{', '.join(sorted(unknown))}: none of {', '.join(self._watches)}")
        tripped = {trip.quantity for trip in self.trips}
        new = [
            self._watches[name].trip(self.version, now)
            for name, values in observed.items()
            if name not in tripped and self._watches[name].look(values)
        ]
        self.trips.extend(new)
        return new

    def clear(self) -> None:
        """Forget the trips and their evidence, and watch these quantities anew: a person has cleared them."""
        for trip in self.trips:
            self._watches[trip.quantity].forget()
        self.trips.clear()

    def report(self) -> dict[str, dict[str, Any]]:
        """Where each quantity stands, for people; `evidence` is a share of what a trip takes."""
        return {name: watch.report() for name, watch in self._watches.items()}

    def to_json(self) -> dict[str, Any]:
        """The evidence so far, by quantity, so that a restarted process can go on with it."""
        return {name: watch.evidence.to_json() for name, watch in self._watches.items()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `to_json` gave; quantities that it lacks begin anew."""
        for name, watch in self._watches.items():
            if name in saved:
                of = watch.quantity
                watch.evidence = Evidence.from_json(of.limit, of.odds, saved[name])


class _Watch:
    def __init__(self, quantity: Quantity) -> None:
        self.quantity = quantity
        self.forget()

    def forget(self) -> None:
        self.evidence = Evidence(self.quantity.limit, self.quantity.odds)
        self._recent: deque[tuple[int, float]] = deque(maxlen=RECENT)

    def look(self, values: ArrayLike) -> bool:
        found = np.asarray(values, dtype=np.float64)
        enough = self.evidence.look(found)
        if len(found):
            self._recent.append((len(found), float(found.sum())))
        return enough

    def report(self) -> dict[str, Any]:
        of, evidence = self.quantity, self.evidence
        count, total = (
            (sum(column) for column in zip(*self._recent, strict=True)) if self._recent else (0, 0.0)
        )
        return {
            "clock": of.clock,
            "limit": of.limit,
            "source": of.source,
            "observations": evidence.observations,
            "mean": total / count if count else None,
            "evidence": max(0.0, evidence.share),
        }

    def trip(self, version: str, now: float) -> Trip:
        count, total = (sum(column) for column in zip(*self._recent, strict=True))
        recent, of = total / count, self.quantity
        return Trip(
            version, of.name, of.clock, recent, of.limit, self.evidence.observations, self._said(recent), now
        )

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


def shared(trips: Mapping[str, Sequence[Trip]], within: float) -> list[str]:
    """Quantities on which all of several versions tripped within `within` seconds: faults that they share.

    `trips` has those of every version that serves, none for a healthy one. A broken feature makes all
    versions trip alike, and going from one to the next would not help.
    """
    if len(trips) < 2:
        return []
    times = [{trip.quantity: trip.time for trip in found} for found in trips.values()]
    common = set.intersection(*(set(each) for each in times))
    return sorted(
        name
        for name in common
        if max(each[name] for each in times) - min(each[name] for each in times) <= within
    )
