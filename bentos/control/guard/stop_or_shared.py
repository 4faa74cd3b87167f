"""What follows from a trip: a version stops, or the fault is one that all versions share. Pure.

A version that trips is stopped. If all versions trip on a quantity, no single version is to blame, and
replacing one by another would not help. Then the versions that were stopped for it are released, and the
quantity is put on record as shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.guard.guard import Clock, Trip, shared

WITHIN: Mapping[Clock, float] = {"seconds": 600.0, "minutes": 86400.0, "hours": 30 * 86400.0}
"""By clock: trips of two versions within so many seconds are one fault that they share."""


@dataclass(frozen=True)
class Standing:
    """How things stand when a trip comes.

    `serving` are version numbers, `stopped` the quantity for which each stopped version was, `shared` the
    quantities on record as shared. `after` is the stopped version that the champion took over from; None for
    a champion that people promoted.
    """

    serving: frozenset[str]
    champion: str | None
    stopped: Mapping[str, str]
    shared: frozenset[str] = frozenset()
    after: str | None = None


@dataclass(frozen=True)
class Action:
    """`stop` a version for its trip, or put a quantity on record as `shared` and `release` versions."""

    stop: Trip | None = None
    shared: Trip | None = None
    release: tuple[str, ...] = ()


def act(trip: Trip, trips: Mapping[str, Sequence[Trip]], standing: Standing) -> Action:
    """What follows from one trip; `trips` are all versions' so far, this one among them."""
    if trip.version not in standing.serving or trip.quantity in standing.shared:
        return Action()
    within = WITHIN[trip.clock]
    stopped = tuple(sorted(each for each, quantity in standing.stopped.items() if quantity == trip.quantity))
    took_over = trip.version == standing.champion and standing.after in stopped
    if took_over and trip.quantity in _together(trips, (trip.version, str(standing.after)), within):
        return Action(shared=trip, release=stopped)
    if trip.quantity in _together(trips, (*standing.serving, *stopped), within):
        return Action(shared=trip, release=stopped)
    return Action(stop=trip)


def _together(trips: Mapping[str, Sequence[Trip]], versions: Sequence[str], within: float) -> list[str]:
    return shared({version: trips.get(version, ()) for version in versions}, within)
