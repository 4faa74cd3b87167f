"""The control loop: every tick compares what people decided with what is served, and moves the state."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from bentos.control import next_state
from bentos.control.experiments.rollout_loop import Rollouts
from bentos.control.guard.breaker import Breaker
from bentos.control.guard.stopper import Stopper
from bentos.control.guard.watcher import Watcher
from bentos.control.hosts.redis_state import Shared
from bentos.control.hosts.replica import Replica
from bentos.control.preload import Preparation
from bentos.control.promotion.eligibility import UNDER_EXAMINATION, Eligibility, refused
from bentos.control.promotion.examinations import Examinations
from bentos.control.promotion.examiner import Examiner
from bentos.control.recalibrate import Corrector
from bentos.control.sources import Aliases, CatalogueFile, LiveFile
from bentos.home.journal import Event, Journal
from bentos.home.state import CHAMPION, Home, State, read_state, write_state
from bentos.home.steward_report import ReportWriter, StewardReport
from bentos.home.stops import Stop
from experiments.config.live import Live
from models.registry import Registry

logger = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at the registry's aliases; one REST call of about 7 ms
AHEAD = 5.0  # seconds between two looks for a newly registered version


@dataclass(frozen=True)
class Charge:
    """What one Steward has in its charge; `declaration` is ranker.toml, `live` live.yaml, `uri` MLflow's;
    `redis` is where several hosts share the state, if they do."""

    ranker: str
    home: Home
    declaration: Path
    live: Path
    uri: str
    redis: str | None = None


class Control:
    """One ranker's control loop. `tick` neither raises nor waits for an examination, which `pool` makes.

    Nothing slow is imported before the first tick; that one imports MLflow, 4 s.
    """

    def __init__(self, charge: Charge, pool: Executor, clock: Callable[[], float] = time.time) -> None:
        self._home = charge.home
        self._clock = clock
        self._aliases = Aliases(charge.ranker, Registry(charge.uri), clock)
        self._live = LiveFile(charge.live, charge.home)
        self._breaker = Breaker(charge.home, charge.declaration)
        self._catalogue = CatalogueFile(charge.home)
        self._moving = threading.Lock()  # the guard's thread moves the state too, and waits for nobody
        self._journal = Journal(charge.home, clock)
        self._reports = ReportWriter(charge.home, clock)
        self._pool = pool
        self.rollouts = Rollouts(charge.home, self._own_file, self._journal, clock)
        self._examinations = Examinations(self._examiner(charge), pool, clock)
        self._replica = None if charge.redis is None else self._among_others(charge, charge.redis)
        self._preparation = Preparation(charge.home, pool)
        self._corrector = Corrector(charge.home, charge.declaration, self._journal, pool, clock)
        self._polled = self._ahead = 0.0
        self._error: str | None = None
        self._said: set[str] = set()
        self._versions: set[str] = set()

    def _examiner(self, charge: Charge) -> Examiner:
        return Examiner(
            charge.home,
            charge.ranker,
            charge.declaration,
            self._aliases.registry,
            self._journal,
            self._clock,
        )

    def _among_others(self, charge: Charge, redis: str) -> Replica:
        name = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
        fetch = self._examinations.examiner.fetch
        return Replica(
            charge.home, charge.live, Shared(redis, charge.ranker, name), fetch, self._journal, self._clock
        )

    def _own_file(self) -> Live | None:
        """live.yaml, where it is this Steward that acts on it."""
        return self._live.file if self._replica is None or self._replica.holds() else None

    def close(self) -> None:
        """Another host's Steward may lead at once."""
        if self._replica is not None:
            self._replica.release()

    def tick(self) -> None:
        """Look once at everything, move the state where that is due, report."""
        problems: list[str] = []
        try:
            problems += self._turn()
            self._error = None
        except Exception as error:  # whatever one look ran into, the next one must come
            problems.append(f"the Steward failed: {type(error).__name__}: {error}")
            if str(error) != self._error:
                logger.exception("a tick failed")
            self._error = str(error)
        self._say(problems)
        self._reports.write(self._present(problems))

    def _turn(self) -> list[str]:
        """A step of one's own, or what another host's Steward has done."""
        if self._replica is None:
            return self._step()
        if self._replica.leads():
            problems = self._step()
            self._replica.publish()
            return [*problems, *self._replica.problems()]
        if abs(self._clock() - self._polled) >= POLL:
            self._polled = self._clock()
            self._aliases.poll()
        self._breaker.look()
        return [*self._replica.problems(), *self._breaker.problems(), *self.move()]

    def _step(self) -> list[str]:
        state = read_state(self._home.state)
        self._follow_live(state)
        if abs(self._clock() - self._polled) >= POLL:
            self._poll_registry(state)
        return self.move()

    def move(self) -> list[str]:
        """Write the state that follows from what is known, where one does; what is wrong, as sentences.

        Asks nobody over a network. The guard's thread calls it too, when it has stopped something. Where this
        Steward doesn't lead, only what the guard stopped here changes.
        """
        if self._replica is not None and not self._replica.holds():
            self._replica.heed()
            return []
        with self._moving:
            self._breaker.look()
            state = read_state(self._home.state)
            wish = self._wish(state)
            if self._breaker.refuse(self._catalogue.refused, wish.snapshot, self._clock()):
                snapshot, why = self._catalogue.refused or ("", "")
                self._journal.decided(Event.GUARD_STOPPED, why, kind="snapshot", subject=snapshot)
            wants, problems = next_state.wanted(state, wish)
            self._versions = {*wants.values(), *([] if state is None else state.versions.values())}
            stopped = self._breaker.active("version")
            gone = self._examinations.expired(self._versions) | stopped.keys()
            settled = next_state.settle(state, wants, self._eligible(state, wants, stopped), gone)
            restrictions = self._breaker.restrictions(
                {*settled.versions.values()}, self._catalogue.distrusted
            )
            after = next_state.advance(state, wish, settled, self._clock(), restrictions)
            urgent = _stops(state, after)
            if after is not None and (urgent or self._preparation.done(state, after)):
                write_state(self._home.state, after)
                self._note(state, after)
            self._corrector.look(self._aliases.ranker, set(settled.versions.values()))
        problems += [*settled.problems, *self._catalogue.problems, *self._breaker.problems()]
        problems += self._corrector.problems
        return [*problems, *self._idle(state or after)]

    def watcher(self) -> Watcher:
        """The guard over what this loop serves, for a thread of its own."""
        stopper = Stopper(self._home, self._breaker, self._journal, self.move, self._clock)
        return Watcher(self._aliases.ranker, stopper, self._clock)

    def _eligible(
        self, state: State | None, wants: Mapping[str, str], stopped: Mapping[str, Stop]
    ) -> dict[str, Eligibility]:
        """Whether each wanted version may serve; what the guard stopped needs no ruling.

        A first champion is settled first: the others are held to it.
        """
        champion = None if state is None else state.champion
        proven = self._breaker.cleared("version")  # it served, and a person says that it may again
        if state is not None:
            proven |= {*state.versions.values(), *(each.version for each in state.previous)}
        found: dict[str, Eligibility] = {}
        for version in dict.fromkeys(wants.values()):
            if version in stopped:
                found[version] = refused(f"the guard stopped it: {stopped[version].why}")
                continue
            waits = state is None and any(each.pending for each in found.values())
            asked = self._examinations.eligibility
            found[version] = UNDER_EXAMINATION if waits else asked(version, champion, proven)
        return found

    def _idle(self, state: State | None) -> Iterable[str]:
        """Why nothing is served yet."""
        if state is None:
            yield "nothing is served yet: no version with the alias champion has passed the gate"

    def _wish(self, state: State | None) -> next_state.Wish:
        live = self._live.live
        served = None if state is None else state.snapshot
        packages = [] if state is None else [self._home.version(each) for each in state.versions.values()]
        return next_state.Wish(
            ranker=self._aliases.ranker,
            aliases=self._aliases.seen,
            named=() if live is None else live.models,
            experiments="" if live is None else live.digest,
            snapshot=self._catalogue.snapshot(
                served, packages, self._breaker.active("snapshot"), self._breaker.cleared("snapshot")
            ),
            corrections=self._corrector.wanted(),
        )

    def _follow_live(self, state: State | None) -> None:
        if self._live.live is None and state is not None and state.experiments:
            self._live.restore(state.experiments)
        if self._live.poll() and self._live.error is not None:
            self._journal.decided(Event.EXPERIMENTS_REFUSED, self._live.error, file=str(self._live.path))

    def _poll_registry(self, state: State | None) -> None:
        was, seen = self._aliases.reachable, self._aliases.seen
        self._aliases.poll()
        self._polled = self._clock()
        if was is not self._aliases.reachable:
            event = Event.REGISTRY_REACHABLE if self._aliases.reachable else Event.REGISTRY_UNREACHABLE
            self._journal.decided(event, self._aliases.error or self._aliases.registry.uri)
        if not self._aliases.reachable:
            return
        if self._aliases.seen != seen or not was:
            self._examinations.forget_replaced(set((self._aliases.seen or {}).values()))
        self._examinations.tell_pending(self._versions)
        self._breaker.tell(self._aliases.registry, self._aliases.ranker, self._pool)
        # Once something serves: a first champion must not wait for what nobody has promoted.
        if state is not None and state.champion is not None and self._clock() - self._ahead >= AHEAD:
            self._ahead = self._clock()
            self._examinations.ahead(self._aliases.ranker, state.champion)

    def _note(self, before: State | None, after: State) -> None:
        served = {} if before is None else before.versions
        for reference, version in after.versions.items():
            if served.get(reference) != version:
                why = _why(before, after, reference)
                facts = {"reference": reference, "version": version, "before": served.get(reference)}
                self._journal.decided(Event.PROMOTED, why, **facts, epoch=after.epoch)
        for reference in served.keys() - after.versions.keys():
            facts = {"reference": reference, "before": served[reference]}
            self._journal.decided(Event.WITHDRAWN, "no longer named", **facts, epoch=after.epoch)
        for part in (Event.EXPERIMENTS, Event.SNAPSHOT, Event.CORRECTIONS):
            old, new = getattr(before, part, ""), getattr(after, part)
            if old != new:
                self._journal.decided(part, "changed", before=old, after=new, epoch=after.epoch)

    def _say(self, problems: list[str]) -> None:
        """Log each problem once while it lasts."""
        for problem in problems:
            if problem not in self._said:
                logger.warning("%s", problem)
        self._said = set(problems)

    def _present(self, problems: list[str]) -> StewardReport:
        refused = [f"experiments: {line}" for line in (self._live.error or "").splitlines()]
        down = [] if self._aliases.error is None else [f"registry: {self._aliases.error}"]
        return StewardReport(
            pid=os.getpid(),
            registry=self._aliases.report(),
            aliases=dict(self._aliases.seen or {}),
            experiments=self._live.report(),
            rollouts=self.rollouts.report(),
            guard=self._breaker.report(),
            shared=None if self._replica is None else self._replica.report(),
            rulings=self._examinations.rulings(self._versions),
            examining=self._examinations.examining,
            corrections=self._corrector.report(),
            problems=(*problems, *refused, *down, *self.rollouts.problems()),
        )


def _stops(before: State | None, after: State | None) -> bool:
    """Whether something is stopped that served: that waits for nothing."""
    if before is None or after is None:
        return False
    return bool(after.stopped.keys() - before.stopped.keys()) or after.distrusted > before.distrusted


def _why(before: State | None, after: State, reference: str) -> str:
    if reference != CHAMPION or before is None:
        return "passed the gate"
    if before.champion in after.stopped:
        return "the guard stopped the one before"
    return "rolled back" if len(after.previous) < len(before.previous) else "passed the gate"
