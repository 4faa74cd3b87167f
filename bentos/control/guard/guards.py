"""The guards over all versions that serve, and their evidence on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from types import MappingProxyType
from typing import Any

from bentos.control.guard.quantities import ALL, CONTEXT, OUTCOMES, Observed, family
from bentos.control.guard.watched_version import WatchedVersion
from bentos.home import evidence as evidence_files
from bentos.home.state import Home
from monitoring.guard.guard import Guard
from monitoring.guard.quantity import Clock, Quantity, Unwatched
from monitoring.guard.watch import Trip


class Guards:
    """A guard for each version, and one over what all versions share, under the name `ALL`."""

    def __init__(self, home: Home) -> None:
        self.versions: dict[str, WatchedVersion] = {}
        """What is watched now; guards of versions that served before are kept."""
        self._home = home
        self._guards: dict[str, Guard] = {}
        self._packages: dict[str, str] = {}  # digests of the packages that evidence is of, by guard

    def __getitem__(self, version: str) -> Guard:
        """The guard over one version, or over what all share. Raises KeyError for an unknown one."""
        return self._guards[version]

    def watch(self, watched: WatchedVersion) -> None:
        """Begin to watch a version, with the evidence that was saved of its package.

        Where it is watched already, only what has changed begins anew.
        """
        self.versions[watched.version] = watched
        guard = Guard(watched.version, watched.quantities, watched.unwatched)
        self._begin(guard, watched.package)

    def watch_shared(
        self, quantities: Iterable[Quantity], champion: WatchedVersion, unwatched: Iterable[Unwatched] = ()
    ) -> None:
        """Begin to watch what all versions share, with the evidence saved beside this champion's."""
        self._begin(Guard(ALL, quantities, unwatched), champion.package)

    def _begin(self, guard: Guard, package: str) -> None:
        before, of = self._guards.get(guard.version), self._packages.get(guard.version)
        guard.restore(evidence_files.read(self._home, guard.version, package))
        if before is not None and of == package:
            guard.carry_on(before)
        self._guards[guard.version], self._packages[guard.version] = guard, package

    def evidence(self, version: str, quantity: str) -> float:
        """The evidence against a version's quantity, as a share of what a stop takes; 0 without any."""
        guard = self._guards.get(version)
        return float(guard.report()[quantity]["evidence"]) if guard and quantity in guard.names else 0.0

    def look(
        self, version: str, observed: Observed, now: float, at: Mapping[Clock, float] = MappingProxyType({})
    ) -> list[Trip]:
        """The trips that new observations cause; none where the version, or a quantity, is not watched.

        `at` has the event time of the observations by clock, where that is not `now`; unix seconds.
        """
        guard = self._guards.get(version)
        if guard is None:
            return []
        seen = {name: values for name, values in observed.items() if values and name in guard.names}
        return guard.look(seen, now, at)

    @property
    def trips(self) -> Mapping[str, list[Trip]]:
        """Trips that nobody has cleared, by version."""
        return {version: guard.trips for version, guard in self._guards.items()}

    @property
    def reports(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Where all quantities stand, by version."""
        return {version: guard.report() for version, guard in self._guards.items()}

    def reports_on(self, trip: Trip) -> dict[str, dict[str, dict[str, Any]]]:
        """The same; rows of the quantity that tripped have as `lately` what was observed since its change."""
        found = self.reports
        for version, guard in self._guards.items():
            if trip.quantity in guard.names:
                found[version][trip.quantity]["lately"] = guard.since(trip.quantity, trip.since)
        return found

    def clear(self, stopped: Set[str]) -> None:
        """Watch anew what a person has cleared: what has tripped and is not among `stopped` any more.

        A fault of contexts has many quantities: what the others have gathered goes too, or the next of them
        would trip a moment later.
        """
        families: set[str] = set()
        for version, guard in self._guards.items():
            cleared = {trip.quantity for trip in guard.trips if not stopped & _subjects(version, trip)}
            guard.clear(cleared)
            families |= {family(name) for name in cleared if family(name) in CONTEXT}
        if families & CONTEXT:
            families |= CONTEXT - stopped
        for guard in self._guards.values() if families else ():
            guard.begin_anew({name for name in guard.names if family(name) in families})

    def forget(self, clock: Clock) -> None:
        """Forget all evidence and trips of one clock: what they rest on is counted anew."""
        for guard in self._guards.values():
            guard.forget(clock)

    def save(self, counted: float | None) -> None:
        """Save all evidence but that of what has tripped, which begins anew once it is cleared.

        `counted` says until when decisions were made whose outcomes are part of it (event time, unix s).
        """
        for version, guard in self._guards.items():
            tripped = {trip.quantity for trip in guard.trips}
            evidence = {name: each for name, each in guard.to_json().items() if name not in tripped}
            kept = evidence_files.KeptEvidence(guard.report(), evidence, counted)
            evidence_files.save(self._home, version, self._packages[version], kept)


def _subjects(version: str, trip: Trip) -> set[str]:
    """Under which names a version's trip may be on record."""
    return {version, family(trip.quantity), *([OUTCOMES] if trip.clock == "hours" else [])}
