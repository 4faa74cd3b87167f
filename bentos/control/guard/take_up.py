"""Begins to watch what began to serve: one version that can't be read keeps no other from being watched."""

from __future__ import annotations

from typing import NamedTuple

from bentos.control.guard.context import ContextWatch
from bentos.control.guard.context_habits import ContextHabits
from bentos.control.guard.guards import Guards
from bentos.control.guard.matured_outcomes import MaturedOutcomes
from bentos.control.guard.pair import Repute, VersionPair, order
from bentos.control.guard.quantities import APART
from bentos.control.guard.reputes import Reputes
from bentos.control.guard.request_parts import parts_of
from bentos.control.guard.request_watch import RequestWatch
from bentos.control.guard.rescored_sample import SampleRescorer
from bentos.control.guard.watched_version import WatchedVersion, moments, read_watched, shared_quantities
from bentos.home.state import CHALLENGER, Home, State
from bentos.home.stops import Stops
from models.declaration.sections import GuardSection
from monitoring.guard.quantity import Unwatched


class _Comparison(NamedTuple):
    """The version to compare with (None: there is none), whether it serves, who has let the two differ."""

    other: str | None
    serves: bool
    cleared: str


class TakeUp:
    """Keeps the guards to what serves; `context` and `requests` watch what is asked of a champion."""

    def __init__(
        self, home: Home, guards: Guards, rescorer: SampleRescorer, outcomes: MaturedOutcomes
    ) -> None:
        self.context: ContextWatch | None = None
        self.requests: RequestWatch | None = None
        self._home, self._guards = home, guards
        self._rescorer, self._outcomes = rescorer, outcomes
        self._reputes = Reputes(home, guards)
        self._compared: dict[str, _Comparison] = {}  # by version, what its order is held to now
        self.by = GuardSection()  # as it was when versions were taken up
        self.invariants: tuple[str, ...] = ()
        self._shared_by: str | None = None  # the champion whose reference tells which context is healthy

    def look(
        self, state: State, serving: set[str], section: GuardSection, invariants: tuple[str, ...] = ()
    ) -> list[str]:
        """Begin to watch versions that began to serve; all anew where [guard] or the invariants were edited.

        What can't be taken up is tried again at the next look: why, as sentences.
        """
        if self.invariants != invariants:
            self.invariants, self._shared_by = invariants, None
        if self.by != section:
            self._guards.versions.clear()
            self.by, self._shared_by = section, None
        failed: list[str] = []
        for version in sorted(serving):
            wanted = self._comparison(version, state, serving)
            if version in self._guards.versions and self._compared.get(version) == wanted:
                continue
            try:
                self._begin(version, wanted)
            except Exception as error:  # whatever is wrong with one, the others are watched
                failed.append(f"version {version} can't be watched: {type(error).__name__}: {error}")
        champion = self._guards.versions.get(str(state.champion))
        if champion is not None and self._shared_by != champion.version:
            try:
                self._begin_shared(champion)
            except Exception as error:
                failed.append(f"context can't be watched: {type(error).__name__}: {error}")
        return failed

    def repute(self, version: str) -> Repute:
        """What is known for and against a version."""
        return self._reputes.of(version)

    def _begin(self, version: str, wanted: _Comparison) -> None:
        watched = read_watched(self._home.version(version), self.by)
        if version not in self._guards.versions:
            self._outcomes.watch(watched)
        alone = watched.compared(order(None))
        self._guards.watch(alone)  # from here on it is taken up; what it is compared with needs its lead
        if wanted.other is not None:
            pair = self._pair(version, wanted.other, wanted.serves)
            self._guards.watch(watched.compared(order(pair, wanted.cleared)))
        self._compared[version] = wanted

    def _comparison(self, version: str, state: State, serving: set[str]) -> _Comparison:
        other = compared_with(version, state)
        stops = Stops.of(self._home)
        by = (
            ""
            if other is None
            else stops.word_on(APART, version, other) or stops.word_on(APART, other, version)
        )
        return _Comparison(other, other in serving, by)

    def _pair(self, version: str, other: str, serves: bool) -> VersionPair:
        apart = self._rescorer.apart(version, other)
        return VersionPair(self.repute(version), self.repute(other), apart.mean, apart.why, serves)

    def _begin_shared(self, champion: WatchedVersion) -> None:
        reference = moments(self._home.version(champion.version), champion.declared)
        names = champion.declared.spec.context_numeric
        special = {name: champion.declared.features.special_of(name) for name in names}
        self.context = ContextWatch(names, reference, special)
        parts = parts_of(self._home.version(champion.version), champion.declared, self.invariants)
        habits = ContextHabits(names, reference)
        self.requests = RequestWatch(self._home.catalogue, [*parts, habits])
        watched = [*shared_quantities(self.by), *self.context.quantities, *self.requests.quantities]
        others = [Unwatched(name, "minutes", why) for name, why in self.requests.unwatched.items()]
        self._guards.watch_shared(watched, champion, [*self.context.unwatched, *others])
        self._shared_by = champion.version


def compared_with(version: str, state: State) -> str | None:
    """The version to compare the order with: the champion, and for that one, the champion before."""
    if version != state.champion:
        return state.champion
    before = [each.version for each in state.previous if each.version not in state.stopped]
    return before[-1] if before and CHALLENGER not in state.versions else None
