"""What follows from a trip: a version stops, or the fault is one that all versions share. Pure.

A version that trips is stopped. If all versions trip on a quantity, no single version is to blame, and
replacing one by another would not help. Then the versions that were stopped for it are released, and the
quantity is put on record as shared. Where two versions' orders disagree, the suspect of the two is stopped;
should outcomes then show that the other one was wrong, the suspect is released.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from bentos.control.guard.outcome_fault import Report, suspicion
from bentos.control.guard.pair import Repute, suspect
from bentos.control.guard.quantities import ALL, ORDER, SERVED
from monitoring.guard.guard import shared
from monitoring.guard.quantity import Clock
from monitoring.guard.watch import Trip

WITHIN: Mapping[Clock, float] = {"seconds": 600.0, "minutes": 86400.0, "hours": 30 * 86400.0}
"""By clock: trips of two versions within so many seconds are one fault that they share."""

Trust = Literal["open", "suspected", "right"]
"""Whether outcomes are suspected already, or a person has said that they are right."""

PROOFS = frozenset({ORDER, SERVED})
"""Quantities that show by themselves that a version's order is wrong."""


@dataclass(frozen=True)
class Standing:
    """How things stand when a trip comes.

    `serving` are version numbers, `stopped` the quantity for which each stopped version was, `shared` the
    quantities on record as shared. `after` is the stopped version that the champion took over from; None for
    a champion that people promoted. `reputes` are those of versions whose orders are compared, `opposed` has
    the other one for each version that was stopped as the suspect of two. `reports` say where all quantities
    stand, by version, and of what all share by the name `ALL`.
    """

    serving: frozenset[str]
    champion: str | None
    stopped: Mapping[str, str]
    shared: frozenset[str] = frozenset()
    after: str | None = None
    reputes: Mapping[str, Repute] = field(default_factory=dict)
    opposed: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    outcomes: Trust = "open"


@dataclass(frozen=True)
class Action:
    """`stop` a version for its trip, put a quantity on record as `shared`, or outcomes as `suspected`.

    And `release` versions; `why` says why outcomes are.
    """

    stop: Trip | None = None
    shared: Trip | None = None
    release: tuple[str, ...] = ()
    suspected: Trip | None = None
    why: str = ""


def act(trip: Trip, trips: Mapping[str, Sequence[Trip]], standing: Standing) -> Action:
    """What follows from one trip; `trips` are all versions' so far, this one among them."""
    if trip.version not in standing.serving or trip.quantity in standing.shared:
        return Action()
    if trip.against:
        return _of_two(trip, standing)
    if trip.clock == "hours" and standing.outcomes == "suspected":
        return Action()
    if why := _suspicion(trip, standing):
        return Action(suspected=trip, why=why, release=_stopped_for(trip, standing))
    return _of_one(trip, trips, standing)


def _of_one(trip: Trip, trips: Mapping[str, Sequence[Trip]], standing: Standing) -> Action:
    within = WITHIN[trip.clock]
    stopped = _stopped_for(trip, standing)
    took_over = trip.version == standing.champion and standing.after in stopped
    if took_over and trip.quantity in _together(trips, (trip.version, str(standing.after)), within):
        return Action(shared=trip, release=stopped)
    if trip.quantity in _together(trips, (*standing.serving, *stopped), within):
        return Action(shared=trip, release=stopped)
    return Action(stop=trip, release=released(trip.version, trip.quantity, standing.opposed))


def _stopped_for(trip: Trip, standing: Standing) -> tuple[str, ...]:
    return tuple(sorted(each for each, quantity in standing.stopped.items() if quantity == trip.quantity))


def _suspicion(trip: Trip, standing: Standing) -> str:
    if trip.clock != "hours" or standing.outcomes == "right":
        return ""
    concerned = {*standing.serving, *_stopped_for(trip, standing)} - {trip.version}
    reports = standing.reports
    others = {version: reports[version] for version in concerned if version in reports}
    own, shared = reports.get(trip.version, {}), reports.get(ALL, {})
    return suspicion(trip, others, own, shared, standing.reputes.get(trip.version, Repute(trip.version)))


def released(version: str, quantity: str, opposed: Mapping[str, str]) -> tuple[str, ...]:
    """The suspects that were stopped beside a version which is now known to have been the wrong one."""
    if quantity not in PROOFS:
        return ()
    return tuple(sorted(each for each, other in opposed.items() if other == version))


def _of_two(trip: Trip, standing: Standing) -> Action:
    """Two orders disagree: the suspect is stopped, where it serves."""
    both = [standing.reputes.get(version, Repute(version)) for version in (trip.version, trip.against)]
    found, why = suspect(*both)
    if found.version not in standing.serving:
        return Action()
    other = trip.against if found.version == trip.version else trip.version
    said = (
        f"{trip.evidence}; of versions {trip.version} and {trip.against}, {found.version} is stopped: {why}"
    )
    return Action(stop=replace(trip, version=found.version, against=other, evidence=said))


def _together(trips: Mapping[str, Sequence[Trip]], versions: Sequence[str], within: float) -> list[str]:
    return shared({version: trips.get(version, ()) for version in versions}, within)
