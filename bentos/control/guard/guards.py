"""The guards over all versions that serve, and their evidence on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from types import MappingProxyType
from typing import Any

from bentos.control.guard.quantities import Observed, family
from bentos.control.guard.stopper import ALL
from bentos.control.guard.watched_version import WatchedVersion
from bentos.home import evidence as evidence_files
from bentos.home.state import Home
from monitoring.guard.guard import Guard, Quantity, Trip


class Guards:
    """A guard for each version, and one over what all versions share, under the name `ALL`."""

    def __init__(self, home: Home) -> None:
        self.versions: dict[str, WatchedVersion] = {}
        """What is watched now; guards of versions that served before are kept."""
        self._home = home
        self._guards: dict[str, Guard] = {}
        self._unwatched: dict[str, dict[str, Any]] = {}  # rows of what all versions share

    def __getitem__(self, version: str) -> Guard:
        """The guard over one version, or over what all share. Raises KeyError for an unknown one."""
        return self._guards[version]

    def watch(self, watched: WatchedVersion) -> None:
        """Begin to watch a version, with the evidence that was saved of its package."""
        self.versions[watched.version] = watched
        self._begin(watched.version, watched.quantities, watched.package)

    def watch_shared(
        self,
        quantities: Iterable[Quantity],
        champion: WatchedVersion,
        unwatched: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Begin to watch what all versions share, with the evidence saved beside this champion's.

        `unwatched` says by quantity why it is not watched: its row is kept for people.
        """
        self._begin(ALL, quantities, champion.package)
        self._unwatched = {
            name: {"source": f"not watched: {why}", "observations": 0} for name, why in unwatched.items()
        }

    def _begin(self, name: str, quantities: Iterable[Quantity], package: str) -> None:
        guard = self._guards[name] = Guard(name, quantities)
        guard.restore(evidence_files.read(self._home, name, package))

    def look(self, version: str, observed: Observed, now: float) -> list[Trip]:
        """The trips that new observations cause; none where the version, or a quantity, is not watched."""
        guard = self._guards.get(version)
        if guard is None:
            return []
        seen = {name: values for name, values in observed.items() if values and name in guard.names}
        return guard.look(seen, now)

    @property
    def trips(self) -> Mapping[str, list[Trip]]:
        """Trips that nobody has cleared, by version."""
        return {version: guard.trips for version, guard in self._guards.items()}

    def clear(self, stopped: Set[str]) -> None:
        """Watch anew what a person has cleared: what has tripped and is not among `stopped` any more."""
        for version, guard in self._guards.items():
            if guard.trips and not stopped & {version, *(family(trip.quantity) for trip in guard.trips)}:
                guard.clear()

    def save(self, counted: float | None) -> None:
        """Save all evidence but that of what has tripped, which begins anew once it is cleared.

        `counted` says until when decisions were made whose outcomes are part of it (event time, unix s).
        """
        first = next(iter(self.versions.values()), None)
        for version, guard in self._guards.items():
            watched = self.versions.get(version, first)
            if watched is not None:
                tripped = {trip.quantity for trip in guard.trips}
                evidence = {name: each for name, each in guard.to_json().items() if name not in tripped}
                report = guard.report() | (self._unwatched if version == ALL else {})
                kept = evidence_files.KeptEvidence(report, evidence, counted)
                evidence_files.save(self._home, version, watched.package, kept)
