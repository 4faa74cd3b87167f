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

from collections.abc import Iterable, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

from numpy.typing import ArrayLike

from monitoring.guard.quantity import Clock, Quantity, Unwatched
from monitoring.guard.watch import Trip, Watch


class Guard:
    """Watches the quantities of one version. A quantity that has tripped stays so until `clear`."""

    def __init__(
        self, version: str, quantities: Iterable[Quantity], unwatched: Iterable[Unwatched] = ()
    ) -> None:
        self.version = version
        self._watches = {quantity.name: Watch(quantity) for quantity in quantities}
        self._unwatched = [*unwatched]
        self.trips: list[Trip] = []

    @property
    def names(self) -> frozenset[str]:
        """The quantities that are watched."""
        return frozenset(self._watches)

    def look(
        self, observed: Mapping[str, ArrayLike], now: float, at: Mapping[Clock, float] = MappingProxyType({})
    ) -> list[Trip]:
        """One look at what was observed since the last, by quantity; the trips it causes, if any.

        `at` has the event time of the observations by clock, where that is not `now`. A quantity that has
        tripped is not looked at again before `clear`. Raises KeyError for a quantity that this guard does not
        watch, ValueError for observations outside [0, 1].
        """
        unknown = observed.keys() - self._watches.keys()
        if unknown:
            raise KeyError(f"{', '.join(sorted(unknown))}: none of {', '.join(self._watches)}")
        tripped = {trip.quantity for trip in self.trips}
        new = [
            self._watches[name].trip(self.version, now)
            for name, values in observed.items()
            if name not in tripped and self._look(name, values, now, at)
        ]
        self.trips.extend(new)
        return new

    def _look(self, name: str, values: ArrayLike, now: float, at: Mapping[Clock, float]) -> bool:
        watch = self._watches[name]
        return watch.look(values, at.get(watch.quantity.clock, now))

    def clear(self, quantities: Set[str]) -> None:
        """Forget trips and evidence of some quantities, and watch them anew: a person has cleared them."""
        self.begin_anew(quantities)
        self.trips = [trip for trip in self.trips if trip.quantity not in quantities]

    def forget(self, clock: Clock) -> None:
        """Forget evidence and trips of one clock: what they rest on is to be counted anew."""
        for watch in self._watches.values():
            if watch.quantity.clock == clock:
                watch.forget()
        self.trips = [trip for trip in self.trips if trip.clock != clock]

    def begin_anew(self, names: Iterable[str]) -> None:
        """Forget what some quantities have gathered so far."""
        for name in names:
            self._watches[name].forget()

    def since(self, quantity: str, time: float) -> tuple[int, float]:
        """How many observations of a quantity were made lately since a time (unix s), and their mean."""
        return self._watches[quantity].since(time)

    def report(self) -> dict[str, dict[str, Any]]:
        """Where each quantity stands, for people; `evidence` is a share of what a trip takes.

        What is not watched has a row without a limit, whose `source` says why.
        """
        watched = {name: watch.report() for name, watch in self._watches.items()}
        return watched | {each.name: _unwatched(each) for each in self._unwatched}

    def to_json(self) -> dict[str, Any]:
        """The evidence so far, by quantity, so that a restarted process can go on with it."""
        return {name: watch.to_json() for name, watch in self._watches.items()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what `to_json` gave; quantities that it lacks, or has of another limit, begin anew."""
        for name, watch in self._watches.items():
            if name in saved:
                watch.restore(saved[name])

    def carry_on(self, before: Guard) -> None:
        """Go on where an earlier guard over the same version is, in all quantities that have not changed."""
        same = {name for name, watch in before._watches.items() if self._has(watch.quantity)}
        self._watches |= {name: before._watches[name] for name in same}
        self.trips = [trip for trip in before.trips if trip.quantity in same]

    def _has(self, quantity: Quantity) -> bool:
        own = self._watches.get(quantity.name)
        return own is not None and own.quantity == quantity


def _unwatched(figure: Unwatched) -> dict[str, Any]:
    why = f"not watched: {figure.why}"
    nothing = {"observations": 0, "mean": None, "evidence": 0.0}
    return {"clock": figure.clock, "limit": None, "source": why} | nothing


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
