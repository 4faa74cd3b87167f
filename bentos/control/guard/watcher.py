"""All of the guard, look by look: what is observed, of whom, and what trips."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from bentos.control.guard import answers, outcomes, rescored_sample
from bentos.control.guard.context import ContextWatch
from bentos.control.guard.file_proofs import Finding, Proofs, broken
from bentos.control.guard.outcomes import Pending
from bentos.control.guard.quantities import SERVED, SNAPSHOT, UNKNOWN, Observed, family
from bentos.control.guard.recall import Recall
from bentos.control.guard.record_head import Seen, read
from bentos.control.guard.rescored_sample import Again
from bentos.control.guard.stopper import ALL, Stopper
from bentos.control.guard.watched_version import Watched, moments, shared_quantities, watched
from bentos.home import evidence as saved
from bentos.home.state import CHALLENGER, State, read_state
from models.declaration.sections import GuardSection
from monitoring.guard.guard import Guard
from monitoring.log.record import Decision, RecordError, decode, decode_outcome
from monitoring.log.tail import Follow
from monitoring.log.version_name import VersionName
from monitoring.metrics import kind_of

logger = logging.getLogger(__name__)

EVERY = 0.25  # seconds between two looks at files
LOOK = 1.0  # seconds between two looks at records
SAVE = 5.0  # seconds between two writes of the evidence
AT_MOST = 500  # records of a look that are scored again


class Watcher:
    """Watches one ranker; what it finds, `stopper` acts upon."""

    def __init__(self, ranker: str, stopper: Stopper, clock: Callable[[], float] = time.time) -> None:
        home = self._home = stopper.home
        self.stopper, self._clock = stopper, clock
        self._proofs = Proofs(home, ranker)
        self._again = Again(home.versions, home.catalogue)
        self._decisions = Follow(home.log / "decisions", read)
        self._outcomes = Follow(home.log / "outcomes", decode_outcome)
        self._watched: dict[str, Watched] = {}
        self._guards: dict[str, Guard] = {}
        self._context: ContextWatch | None = None
        self._pending = Pending(0.0)
        self._recall, self._recalled = Recall(home, ranker), set[str]()
        self._looked = self._saved = 0.0
        self._stopped: set[str] = set()
        self._of = self._section

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
        """Files now; records when a second has passed since the last time."""
        state = read_state(self._home.state)
        if state is None:
            return
        self._clear()
        serving = set(state.versions.values()) - state.stopped.keys()
        if not state.distrusted:
            for finding in self._proofs.look(serving, state.snapshot, self._section.certificate_every):
                self._found(finding)
        if abs(self._clock() - self._looked) >= LOOK:
            self._looked = self._clock()
            self._look_at_records(state, serving)
        if abs(self._clock() - self._saved) >= SAVE:
            self._save()

    def _look_at_records(self, state: State, serving: set[str]) -> None:
        self._take_up(state, serving)
        new = self._decisions.new()
        by_version, of_all = answers.observe(new, self._section.slow)
        if self._context is not None:
            of_all |= self._context.observe((each.time, each.context) for each in new)
        by_version[ALL] = of_all
        for source in (self._scored_again(new, state), self._matured(new)):
            for version, found in source.items():
                for name, values in found.items():
                    by_version.setdefault(version, {}).setdefault(name, []).extend(values)
        self._judge(by_version)

    def _judge(self, observed: dict[str, Observed]) -> None:
        for version, found in observed.items():
            guard = self._guards.get(version)
            if guard is None:
                continue
            seen = {name: values for name, values in found.items() if values and name in guard.names}
            for trip in guard.look(seen, self._clock()):
                self.stopper.tripped(trip, {name: each.trips for name, each in self._guards.items()})
                self._save()

    def _found(self, finding: Finding) -> None:
        self.stopper.found(finding)
        self._again.forget(finding.subject)

    def _differs(self, decision: Decision, version: str) -> None:
        """Scores were served that come out otherwise now: the snapshot's fault, where that is not whole.

        Or was not when they were served: a record may be read after somebody has mended the files.
        """
        stop = self.stopper.breaker.stops.get(decision.snapshot)
        if stop is not None and (stop.cleared is None or decision.received <= stop.cleared.time):
            return
        why = broken(self._home.catalogue / decision.snapshot)
        if why is not None:
            self._found(Finding("snapshot", decision.snapshot, SNAPSHOT, why))
        else:
            what = f"request {decision.request_id} was not answered with what the version gives for it"
            self._found(Finding("version", version, SERVED, what))

    def _clear(self) -> None:
        """Watch anew what a person has cleared."""
        stops = self.stopper.breaker.stops.all()
        active = {stop.subject for stop in stops if stop.cleared is None}
        for subject in self._stopped - active:
            self._again.forget(subject)  # what was loaded meanwhile may be of broken files
        self._stopped = active
        for version, guard in self._guards.items():
            if guard.trips and not active & {version, *(family(trip.quantity) for trip in guard.trips)}:
                guard.clear()

    def _take_up(self, state: State, serving: set[str]) -> None:
        """Begin to watch what began to serve, with the evidence that there is."""
        if self._of != self._section:  # ranker.toml was edited
            self._save()
            self._watched.clear()
            self._of = self._section
        for version in sorted(serving - self._watched.keys()):
            folder, other = self._home.version(version), self._other(version, state)
            apart = None if other is None else self._again.apart(version, other)
            of = self._watched[version] = watched(folder, self._section, apart)
            self._guards[version] = guard = Guard(version, of.quantities)
            guard.restore(saved.read(self._home, version, of.package))
            self._pending.delay = max(self._pending.delay, of.delay)
            known, until = saved.counted(self._home, version, of.package)
            if known and version not in self._recalled:
                self._recall.begin(version, until)
            self._recalled.add(version)
            if version == state.champion:
                self._take_up_all(of)

    def _take_up_all(self, of: Watched) -> None:
        spec = of.declared.spec
        self._context = ContextWatch(
            spec.context_numeric, moments(self._home.version(of.version), of.declared)
        )
        self._guards[ALL] = Guard(ALL, [*shared_quantities(self._section), *self._context.quantities])
        self._guards[ALL].restore(saved.read(self._home, ALL, of.package))

    def _other(self, version: str, state: State) -> str | None:
        """Whom a version's order is held against: the champion; for that one, the champion before."""
        if version != state.champion:
            return state.champion
        before = [each.version for each in state.previous if each.version not in state.stopped]
        return before[-1] if before and CHALLENGER not in state.versions else None

    def _scored_again(self, new: list[Seen], state: State) -> dict[str, Observed]:
        found: dict[str, Observed] = defaultdict(dict)
        sampled = [each for each in new if each.sampled(self._section.share)]
        for decision in _whole(sampled[:AT_MOST]):
            version = VersionName.parse(decision.model).number
            if kind_of(decision.fallback) not in {"none", "arm unavailable"}:
                continue
            found[ALL].setdefault(UNKNOWN, []).append(rescored_sample.unknown(decision))
            if version in self._watched:
                of, other = self._watched[version], self._other(version, state)
                told = self._again.observe(decision, of, other)
                if any(told.pop(SERVED, ())):
                    self._differs(decision, version)
                for name, values in told.items():
                    found[version].setdefault(name, []).extend(values)
        return found

    def _matured(self, new: list[Seen]) -> dict[str, Observed]:
        for decision in _whole(each for each in new if each.explored and each.fallback is None):
            self._pending.add(decision)
        for found in self._recall.done():
            self._pending.recalled(found)
        if self._recall.under_way:  # outcomes stay unread: they may be of what is recalled
            return {}
        for outcome in self._outcomes.new():
            self._pending.told(outcome)
        matured = self._pending.matured(outcomes.clock(each.time for each in new))
        observed: dict[str, Observed] = {}
        for version, of in self._watched.items():
            own = [each for each in matured if each.version == version]
            observed |= outcomes.observe(own, of.probabilities)
        return observed

    def _save(self) -> None:
        self._saved = self._clock()
        champion = next(iter(self._watched.values()), None)
        for version, guard in self._guards.items():
            of = self._watched.get(version, champion)
            if of is not None:
                tripped = {trip.quantity for trip in guard.trips}
                evidence = {name: each for name, each in guard.to_json().items() if name not in tripped}
                kept = saved.KeptEvidence(guard.report(), evidence, self._pending.counted)
                saved.save(self._home, version, of.package, kept)


def _whole(seen: Iterable[Seen]) -> Iterator[Decision]:
    for each in seen:
        try:
            yield decode(each.line)
        except RecordError:
            continue
