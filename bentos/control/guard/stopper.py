"""Acts on trips and findings: puts stops on record, has the state moved, then tells the journal."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from bentos.control.guard.breaker import Breaker
from bentos.control.guard.damaged_files import DamagedFiles
from bentos.control.guard.file_proofs import Finding
from bentos.control.guard.outcome_fault import Report
from bentos.control.guard.pair import Repute
from bentos.control.guard.quantities import ALL, NO_SCORES, OUTCOMES, family
from bentos.control.guard.stop_or_shared import Standing, Trust, act, released
from bentos.home.journal import Event, Journal
from bentos.home.lock import exclusive
from bentos.home.rulings import Rulings
from bentos.home.state import Home, State, read_state
from bentos.home.stops import Stop
from monitoring.guard.watch import Trip
from monitoring.log import struck

logger = logging.getLogger(__name__)

UNDER_WAY = "being stopped"
TRUSTED = 30 * 86400.0  # seconds for which outcomes are right once a person has said so


class TakeOver(NamedTuple):
    """The champion that took over, and the stopped one that it followed."""

    champion: str
    stopped: str


@dataclass
class Stopper:
    """Puts stops on record. `move` writes the state that follows from them, now, without a network."""

    home: Home
    breaker: Breaker
    journal: Journal
    move: Callable[[], object]
    clock: Callable[[], float] = time.time
    _take_over: TakeOver | None = None  # the last one that a stop caused

    def __post_init__(self) -> None:
        self.damaged = DamagedFiles(self.home, self.journal, self.clock)

    def act_on_trip(
        self,
        trip: Trip,
        trips: Mapping[str, Sequence[Trip]],
        repute: Callable[[str], Repute] = Repute,
        reports: Mapping[str, Report] = MappingProxyType({}),
    ) -> None:
        """Act on one trip; `trips` are all versions' so far, `repute` says what is known of a version.

        `reports` say where all quantities stand, by version.
        """
        if trip.version == ALL:
            self._share(trip, ())
            return
        state = read_state(self.home.state)
        if state is None:
            return
        concerned = filter(None, (trip.version, trip.against))
        reputes = {each: repute(each) for each in concerned} if trip.against or trip.clock == "hours" else {}
        standing = replace(self._standing(state, reputes), reports=reports, outcomes=self._outcomes())
        action = act(trip, trips, standing)
        if action.suspected is not None:
            self._suspect(action.suspected, action.why, action.release)
        if action.stop is not None:
            self._stop(_of(action.stop), state, action.release)
        if action.shared is not None:
            self._share(action.shared, action.release)

    def act_on_finding(self, finding: Finding) -> None:
        """Stop what a finding is about where it is not stopped yet, whatever other versions have shown.

        What workers have in memory serves on, as long as no worker must load it.
        """
        state = read_state(self.home.state)
        if state is None or finding.subject in self.breaker.stops.active(finding.kind):
            return
        if finding.in_memory and finding.subject not in self.damaged.unloadable():
            self.damaged.keep(finding, state)
            return
        found = Stop(finding.kind, finding.subject, finding.quantity, finding.evidence, UNDER_WAY, 0.0)
        opposed = self._standing(state, {}).opposed
        self._stop(found, state, released(finding.subject, finding.quantity, opposed))

    def _standing(self, state: State, reputes: Mapping[str, Repute]) -> Standing:
        active = self.breaker.stops.active("version")
        last = self._take_over
        return Standing(
            serving=frozenset(state.versions.values()) - active.keys(),
            champion=state.champion,
            stopped={version: stop.quantity for version, stop in active.items()},
            shared=frozenset(self.breaker.stops.active("shared")),
            after=last.stopped if last is not None and last.champion == state.champion else None,
            reputes=reputes,
            opposed={version: stop.against for version, stop in active.items() if stop.against},
        )

    def _stop(self, found: Stop, state: State, release: Sequence[str]) -> None:
        """Put a stop on record; those in `release` were stopped beside it, and are no longer."""
        stop = msgspec.structs.replace(found, time=self.clock())
        for version in release:
            self.breaker.stops.drop(version)
        self.breaker.stops.put(stop)
        self.move()
        after = read_state(self.home.state) or state
        done = _consequence(stop, state, after)
        self.breaker.stops.amend(stop, done=done)
        if after.champion != state.champion:
            self._take_over = TakeOver(str(after.champion), str(state.champion))
        facts = {"kind": stop.kind, "subject": stop.subject, "quantity": stop.quantity, "epoch": after.epoch}
        facts |= {"released": list(release)} if release else {}
        self.journal.decided(Event.GUARD_STOPPED, stop.why, done=done, **facts)
        logger.error("guard: %s %s is stopped: %s; %s", stop.kind, stop.subject, stop.why, done)

    def _outcomes(self) -> Trust:
        """Whether outcomes are suspected, or right by a person's word."""
        known = self.breaker.stops.get(OUTCOMES)
        if known is None:
            return "open"
        if known.cleared is None:
            return "suspected"
        return "right" if self.clock() - known.cleared.time <= TRUSTED else "open"

    def _suspect(self, trip: Trip, why: str, release: Iterable[str]) -> None:
        """Put on record that outcomes are suspected: nothing rests on them until a person decides."""
        for version in release:
            self.breaker.stops.drop(version)
        told = f"{trip.evidence}; the outcomes are suspected, not the version: {why}"
        done = (
            "no version is stopped or rejected by outcomes since then. If they are wrong: `ballast evidence "
            "strike`; if they are right: `ballast guard clear outcomes`"
        )
        now = self.clock()
        stop = Stop("outcomes", OUTCOMES, trip.quantity, told, done, now, since=trip.since)
        with exclusive(self.home.log):
            struck.suspect(self.home.log, trip.since, told, now)
        self.breaker.stops.put(stop)
        self.move()
        anew = Rulings.of(self.home).judge_anew()  # what was held or rejected on these outcomes meanwhile
        facts = {"quantity": trip.quantity, "since": trip.since, "released": list(release), "versions": anew}
        self.journal.decided(Event.OUTCOMES_SUSPECTED, told, done=done, **facts)
        logger.error("guard: %s; %s", told, done)

    def _share(self, trip: Trip, release: Iterable[str]) -> None:
        """Put on record a fault that all versions share; those in `release` are no longer stopped for it."""
        for version in release:
            self.breaker.stops.drop(version)
        subject, stops = family(trip.quantity), self.breaker.stops
        known = stops.active("shared").get(subject)
        if known is not None:  # of one family: the same fault, which gets another quantity
            named = known.quantity.split(", ")
            if trip.quantity not in named:  # else this Steward was started since, and sees it anew
                stops.amend(known, quantity=", ".join([*named, trip.quantity]))
            return
        keep = self.breaker.section.when_shared == "keep"
        kept = "the champion keeps serving" if keep else "all answers are in the declared fallback order"
        done = f"it is not the version: {kept}"
        since = 0.0 if trip.quantity == NO_SCORES else trip.since  # they say so themselves
        stops.put(Stop("shared", subject, trip.quantity, trip.evidence, done, self.clock(), since=since))
        self.move()
        self.journal.decided(
            Event.SHARED_FAULT, trip.evidence, done=done, quantity=trip.quantity, released=list(release)
        )
        logger.error("guard: a fault of all versions: %s; %s", trip.evidence, done)


def _of(trip: Trip) -> Stop:
    return Stop(
        "version",
        trip.version,
        trip.quantity,
        trip.evidence,
        UNDER_WAY,
        trip.time,
        against=trip.against,
        since=trip.since,
    )


def _consequence(stop: Stop, before: State, after: State) -> str:
    """What serves instead, as the stop says it."""
    if stop.kind == "snapshot":
        if after.distrusted:
            return f"no other snapshot suits: all answers are in the fallback order ({after.fallback})"
        return f"snapshot {after.snapshot} serves"
    if stop.subject in after.versions.values():
        return f"no other version is there: its answers are in the fallback order ({after.fallback})"
    if after.champion != before.champion:
        return f"version {after.champion} serves"
    return "its arms fall to the champion"
