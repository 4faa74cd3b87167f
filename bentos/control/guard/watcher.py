"""All of the guard, look by look: what is observed, of which versions, and what is done about it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from bentos.control.guard import answers, health
from bentos.control.guard.affected import Affected
from bentos.control.guard.file_proofs import FileProofs, Finding, broken
from bentos.control.guard.first_seen import FirstOfMinute, FirstSeen
from bentos.control.guard.guards import Guards
from bentos.control.guard.health import GuardHealth
from bentos.control.guard.matured_outcomes import MaturedOutcomes
from bentos.control.guard.outcomes import event_time
from bentos.control.guard.quantities import ALL, CONTEXT, SERVED, SNAPSHOT, Observed, family
from bentos.control.guard.record_head import RecordHead, read
from bentos.control.guard.repeated_ids import RepeatedIds
from bentos.control.guard.rescored_sample import SampleRescorer, sample
from bentos.control.guard.since_cleared import SinceCleared, Stale, still_told
from bentos.control.guard.stopper import Stopper
from bentos.control.guard.take_up import TakeUp, compared_with
from bentos.home.state import State, read_state
from models.declaration.sections import GuardSection
from monitoring.guard.guard import Guard
from monitoring.guard.quantity import Clock
from monitoring.guard.watch import Trip
from monitoring.log.record import Decision
from monitoring.log.tail import LogTail
from monitoring.log.version_name import VersionName

EVERY = 0.25  # seconds between two looks
SAVE = 5.0  # seconds between two writes of the evidence


class Watcher:
    """Watches one ranker; `stopper` acts on its trips and findings, `health` says which part doesn't work."""

    def __init__(self, ranker: str, stopper: Stopper, clock: Callable[[], float] = time.time) -> None:
        home = self._home = stopper.home
        self.stopper, self._clock = stopper, clock
        self.health = GuardHealth(clock)
        self._guards = Guards(home)
        self._proofs = FileProofs(home, ranker)
        self._rescorer = SampleRescorer(home.versions, home.catalogue, lambda: home.functions)
        self._outcomes = MaturedOutcomes(home, ranker)
        self._taken_up = TakeUp(home, self._guards, self._rescorer, self._outcomes)
        self._decisions = LogTail(home.log / "decisions", read)
        self._affected, self.repeats = Affected(), RepeatedIds(clock)
        self._first, self._first_of_minute = FirstSeen(), FirstOfMinute()
        self._saved_at = 0.0
        self._stopped: set[str] = set()  # subjects, at the last look
        self._damaged: set[str] = set()  # versions that serve from memory alone
        self._cleared = SinceCleared()
        self._to_do: list[Trip | Finding] = []  # what is not acted upon yet

    @property
    def _section(self) -> GuardSection:
        return self.stopper.breaker.section

    def guard(self, version: str) -> Guard:
        """The guard over one version, or over what all share. Raises KeyError for an unknown one."""
        return self._guards[version]

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop; what one look runs into is told, and the next one comes."""
        try:
            while not stop.wait(EVERY):
                with self.health.step(health.LOOK):
                    self.look()
                self.health.looked()
        finally:
            if not stop.is_set():
                self.health.tell(health.THREAD, "it has ended")

    def look(self) -> None:
        """Look at files, and at what has been recorded since the last look.

        Each part fails by itself. Raises what reading the state or the stops runs into.
        """
        state = read_state(self._home.state)
        if state is None:
            return
        self._take_note_of_cleared()
        serving = set(state.versions.values()) - state.stopped.keys()
        if not state.distrusted:
            with self.health.step(health.PROOFS) as failing:
                self._prove(serving, state.snapshot)
                failing.extend(self._proofs.unproven)
        self._act()
        self._look_at_records(state, serving)
        self._act()
        if abs(self._clock() - self._saved_at) >= SAVE:
            self._save()

    def _prove(self, serving: set[str], snapshot: str) -> None:
        """Prove what is on disk; damaged files stop a version once a worker must load it."""
        damaged, every = self.stopper.damaged, self._section.certificate_every
        self._to_do += self._proofs.look(serving, snapshot, every, damaged.newly_unloadable())
        damaged.mended(self._proofs.whole)
        self._to_do += damaged.needed()

    def _look_at_records(self, state: State, serving: set[str]) -> None:
        with self.health.step(health.TAKE_UP) as failing:
            if self._taken_up.by != self._section:
                self._save()  # all versions are taken up anew, with the evidence so far
            failing.extend(
                self._taken_up.look(state, serving, self._section, self.stopper.breaker.invariants)
            )
        with self.health.step(health.OUTCOMES):
            if self._outcomes.struck():
                self._guards.forget("hours")
                self._outcomes.begin_anew(self._guards.versions)
        heads: list[RecordHead] = []
        with self.health.step(health.RECORDS):
            self._outcomes.read()
            heads = self._decisions.new()
            self._affected.take(heads)
            self.repeats.take(heads)
        observed: dict[str, Observed] = defaultdict(dict)
        for part, of_part in self._parts(heads, state).items():
            with self.health.step(part) as failing:
                for version, found in of_part(failing).items():
                    _add(observed[version], found)
        at = self._event_times(heads)
        with self.health.step(health.EVIDENCE) as failing:
            for version, found in observed.items():
                try:
                    self._to_do += self._guards.look(version, found, self._clock(), at)
                except ValueError as error:  # no share: the other versions' observations count
                    failing.append(f"{version}: {error}")

    def _event_times(self, heads: Sequence[RecordHead]) -> dict[Clock, float]:
        """When what this look observed was decided, by clock (unix s)."""
        now, made = event_time(each.time for each in heads), self._outcomes.made
        found: dict[Clock, float] = {} if now is None else {"seconds": now, "minutes": now}
        return found if made is None else found | {"hours": made}

    def _parts(
        self, heads: Sequence[RecordHead], state: State
    ) -> dict[str, Callable[[list[str]], dict[str, Observed]]]:
        """By the part that observes: its observations of these records, and what it says of itself."""
        return {
            health.ANSWERS: lambda _: self._of_answers(heads),
            health.CONTEXT: lambda failing: self._of_context(heads, failing),
            health.AGAIN: lambda failing: self._rescored(heads, state, failing),
            health.OUTCOMES: lambda failing: self._of_outcomes(heads, failing),
        }

    def _of_answers(self, heads: Sequence[RecordHead]) -> dict[str, Observed]:
        observed: dict[str, Observed] = defaultdict(dict)
        for told, stale in self._cleared.stretches(heads):
            versions, of_all = answers.observe(told, self._section.slow, self._first_of_minute.new)
            for version, found in (versions | {ALL: of_all}).items():
                _add(observed[version], still_told(version, found, stale))
        return observed

    def _of_context(self, heads: Sequence[RecordHead], failing: list[str]) -> dict[str, Observed]:
        context, requests = self._taken_up.context, self._taken_up.requests
        if context is None or requests is None:
            return {}
        found: Observed = {}
        for told, stale in self._cleared.stretches(heads):
            new = context.observe((each.time, each.context) for each in told) | requests.observe(told)
            _add(found, still_told(ALL, new, stale))
        failing.extend(requests.failing)
        return {ALL: found}

    def _of_outcomes(self, heads: Sequence[RecordHead], failing: list[str]) -> dict[str, Observed]:
        stretches = self._cleared.stretches(heads)
        fresh = [each for told, stale in stretches for each in told if each.version not in stale]
        found = self._outcomes.observe(fresh, self._guards.versions)
        failing.extend(self._outcomes.failing)
        return found

    def _rescored(self, heads: Sequence[RecordHead], state: State, failing: list[str]) -> dict[str, Observed]:
        """Observations of the share that is scored once more, by version."""
        observed: dict[str, Observed] = defaultdict(dict)
        for told, stale in self._cleared.stretches(heads):
            for decision in sample(told, self._section.share):
                version = VersionName.parse(decision.model).number
                watched = self._guards.versions.get(version)
                if watched is not None and version not in stale:
                    found = self._rescorer.observe(decision, watched, compared_with(version, state))
                    if any(found.pop(SERVED, ())):
                        self._find_difference(decision, version, stale)
                    if self._first.new(version, decision):
                        _add(observed[version], still_told(version, found, stale))
        failing.extend(self._rescorer.failing(set(state.versions.values()), self._damaged))
        return observed

    def _find_difference(self, decision: Decision, version: str, stale: Stale) -> None:
        """Find whose fault it is that scores were served which come out otherwise now.

        It is the snapshot's where that is damaged, or was when they were served (a record may be read after
        somebody has mended the files); else the version's.
        """
        stop = self.stopper.breaker.stops.get(decision.snapshot)
        if stop is not None and (stop.cleared is None or decision.snapshot in stale):
            return
        why = broken(self._home.catalogue / decision.snapshot)
        if why is not None:
            self._to_do.append(Finding("snapshot", decision.snapshot, SNAPSHOT, why))
        else:
            what = f"request {decision.request_id} was not answered with what the version gives for it"
            self._to_do.append(Finding("version", version, SERVED, what))
        self._act()

    def _act(self) -> None:
        """Act on all trips and findings; what can't be acted on, as on a full disk, is tried again."""
        if not self._to_do and self.health.works(health.ACTING):
            return
        left: list[Trip | Finding] = []
        with self.health.step(health.ACTING) as failing:
            for each in self._to_do:
                try:
                    self._act_on(each)
                except Exception as error:  # the next one may be another matter
                    left.append(each)
                    failing.append(f"{each.quantity}: {type(error).__name__}: {error}")
            self._to_do = left
        self._save()

    def _act_on(self, what: Trip | Finding) -> None:
        if isinstance(what, Finding):
            self.stopper.act_on_finding(what)
            if what.subject not in self.stopper.breaker.stops.active("files"):
                self._rescorer.forget(
                    what.subject
                )  # else it scores again with what was proven, as workers do
        else:
            self._act_on_trip(what)

    def _act_on_trip(self, trip: Trip) -> None:
        """Act on it, unless a person has cleared what it would say since this look began."""
        of = {family(trip.quantity) if trip.version == ALL else trip.version}
        subjects = of | CONTEXT if of & CONTEXT else of
        stops = (stop for stop in self.stopper.breaker.stops.all() if stop.subject in subjects)
        if all(self._cleared.knows(stop) for stop in stops):
            self.stopper.act_on_trip(
                trip, self._guards.trips, self._taken_up.repute, self._guards.reports_on(trip)
            )

    def _take_note_of_cleared(self) -> None:
        """Watch anew what a person has cleared."""
        stops = self.stopper.breaker.stops.all()
        stopped = {stop.subject for stop in stops if stop.cleared is None and stop.kind != "files"}
        for subject in self._stopped - stopped:
            self._rescorer.forget(subject)  # what was loaded meanwhile may be of broken files
        self._stopped, self._cleared = stopped, SinceCleared(stops)
        self._damaged = {stop.subject for stop in stops if stop.cleared is None and stop.kind == "files"}
        waiting = {each.version for each in self._to_do if isinstance(each, Trip)}
        self._guards.clear(stopped | waiting)

    def _save(self) -> None:
        self._saved_at = self._clock()
        with self.health.step(health.KEEPING):
            self._affected.write(self.stopper.breaker.stops)
            self._guards.save(self._outcomes.pending.counted)


def _add(to: Observed, more: Observed) -> None:
    for name, values in more.items():
        to.setdefault(name, []).extend(values)
