"""All of the guard, look by look: what is observed, of which versions, and what is done about it."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from bentos.control.guard import answers
from bentos.control.guard.context import ContextWatch
from bentos.control.guard.file_proofs import FileProofs, Finding, broken
from bentos.control.guard.guards import Guards
from bentos.control.guard.matured_outcomes import MaturedOutcomes
from bentos.control.guard.quantities import SERVED, SNAPSHOT, UNKNOWN, Observed
from bentos.control.guard.record_head import RecordHead, read
from bentos.control.guard.rescored_sample import SampleRescorer, sample, unknown
from bentos.control.guard.stopper import ALL, Stopper
from bentos.control.guard.watched_version import WatchedVersion, moments, read_watched, shared_quantities
from bentos.home.state import CHALLENGER, State, read_state
from models.declaration.sections import GuardSection
from monitoring.guard.guard import Guard
from monitoring.log.record import Decision
from monitoring.log.tail import LogTail
from monitoring.log.version_name import VersionName

logger = logging.getLogger(__name__)

EVERY = 0.25  # seconds between two looks at files
LOOK = 1.0  # seconds between two looks at records
SAVE = 5.0  # seconds between two writes of the evidence


class Watcher:
    """Watches one ranker; `stopper` acts on its trips and findings."""

    def __init__(self, ranker: str, stopper: Stopper, clock: Callable[[], float] = time.time) -> None:
        home = self._home = stopper.home
        self.stopper, self._clock = stopper, clock
        self._guards = Guards(home)
        self._proofs = FileProofs(home, ranker)
        self._rescorer = SampleRescorer(home.versions, home.catalogue)
        self._outcomes = MaturedOutcomes(home, ranker)
        self._context: ContextWatch | None = None
        self._decisions = LogTail(home.log / "decisions", read)
        self._looked_at = self._saved_at = 0.0
        self._stopped: set[str] = set()  # subjects, at the last look
        self._watched_by = self._section  # [guard] as it was when versions were taken up

    @property
    def _section(self) -> GuardSection:
        return self.stopper.breaker.section

    def guard(self, version: str) -> Guard:
        """The guard over one version, or over what all share. Raises KeyError for an unknown one."""
        return self._guards[version]

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop; what one look runs into is logged, and the next one comes."""
        said = ""
        while not stop.wait(EVERY):
            try:
                self.look()
                said = ""
            except Exception as error:
                if str(error) != said:
                    logger.exception("a look of the guard failed")
                said = str(error)

    def look(self) -> None:
        """Look at files now, and at records when a second has passed since the last time."""
        state = read_state(self._home.state)
        if state is None:
            return
        self._take_note_of_cleared()
        serving = set(state.versions.values()) - state.stopped.keys()
        if not state.distrusted:
            for finding in self._proofs.look(serving, state.snapshot, self._section.certificate_every):
                self._act_on(finding)
        if abs(self._clock() - self._looked_at) >= LOOK:
            self._looked_at = self._clock()
            self._look_at_records(state, serving)
        if abs(self._clock() - self._saved_at) >= SAVE:
            self._save()

    def _look_at_records(self, state: State, serving: set[str]) -> None:
        self._take_up(state, serving)
        heads = self._decisions.new()
        observed, of_all = answers.observe(heads, self._section.slow)
        if self._context is not None:
            of_all |= self._context.observe((each.time, each.context) for each in heads)
        observed[ALL] = of_all
        for source in (self._rescored(heads, state), self._outcomes.observe(heads, self._guards.versions)):
            for version, found in source.items():
                _add(observed.setdefault(version, {}), found)
        for version, found in observed.items():
            for trip in self._guards.look(version, found, self._clock()):
                self.stopper.act_on_trip(trip, self._guards.trips)
                self._save()

    def _rescored(self, heads: Sequence[RecordHead], state: State) -> dict[str, Observed]:
        """Observations of the share that is scored once more, by version."""
        observed: dict[str, Observed] = defaultdict(dict)
        for decision in sample(heads, self._section.share):
            _add(observed[ALL], {UNKNOWN: [unknown(decision)]})
            version = VersionName.parse(decision.model).number
            watched = self._guards.versions.get(version)
            if watched is not None:
                found = self._rescorer.observe(decision, watched, _compared_with(version, state))
                if any(found.pop(SERVED, ())):
                    self._act_on_difference(decision, version)
                _add(observed[version], found)
        return observed

    def _act_on_difference(self, decision: Decision, version: str) -> None:
        """Stop whose fault it is that scores were served which come out otherwise now.

        It is the snapshot's where that is damaged, or was when they were served (a record may be read after
        somebody has mended the files); else the version's.
        """
        stop = self.stopper.breaker.stops.get(decision.snapshot)
        if stop is not None and (stop.cleared is None or decision.received <= stop.cleared.time):
            return
        why = broken(self._home.catalogue / decision.snapshot)
        if why is not None:
            self._act_on(Finding("snapshot", decision.snapshot, SNAPSHOT, why))
        else:
            what = f"request {decision.request_id} was not answered with what the version gives for it"
            self._act_on(Finding("version", version, SERVED, what))

    def _act_on(self, finding: Finding) -> None:
        self.stopper.act_on_finding(finding)
        self._rescorer.forget(finding.subject)

    def _take_note_of_cleared(self) -> None:
        """Watch anew what a person has cleared."""
        stops = self.stopper.breaker.stops.all()
        stopped = {stop.subject for stop in stops if stop.cleared is None}
        for subject in self._stopped - stopped:
            self._rescorer.forget(subject)  # what was loaded meanwhile may be of broken files
        self._stopped = stopped
        self._guards.clear(stopped)

    def _take_up(self, state: State, serving: set[str]) -> None:
        """Begin to watch versions that began to serve; all anew where [guard] was edited."""
        if self._watched_by != self._section:
            self._save()
            self._guards.versions.clear()
            self._watched_by = self._section
        for version in sorted(serving - self._guards.versions.keys()):
            other = _compared_with(version, state)
            apart = None if other is None else self._rescorer.apart(version, other)
            watched = read_watched(self._home.version(version), self._section, apart)
            self._guards.watch(watched)
            self._outcomes.watch(watched)
            if version == state.champion:
                self._take_up_shared(watched)

    def _take_up_shared(self, champion: WatchedVersion) -> None:
        """Begin to watch what all versions share; the champion's reference tells which context is healthy."""
        reference = moments(self._home.version(champion.version), champion.declared)
        self._context = ContextWatch(champion.declared.spec.context_numeric, reference)
        self._guards.watch_shared([*shared_quantities(self._section), *self._context.quantities], champion)

    def _save(self) -> None:
        self._saved_at = self._clock()
        self._guards.save(self._outcomes.pending.counted)


def _compared_with(version: str, state: State) -> str | None:
    """The version to compare the order with: the champion, and for that one, the champion before."""
    if version != state.champion:
        return state.champion
    before = [each.version for each in state.previous if each.version not in state.stopped]
    return before[-1] if before and CHALLENGER not in state.versions else None


def _add(to: Observed, more: Observed) -> None:
    for name, values in more.items():
        to.setdefault(name, []).extend(values)
