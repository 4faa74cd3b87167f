"""The control loop: every tick compares what people decided with what is served, and moves the state."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress

import msgspec

from bentos.control.experiments.rollout_loop import Rollouts
from bentos.control.guard.health import GuardHealth, sentences
from bentos.control.guard.repeated_ids import RepeatedIds
from bentos.control.guard.stopper import Stopper
from bentos.control.guard.watcher import Watcher
from bentos.control.loop_parts import Charge, assemble
from bentos.control.promotion.levelling import bring_level
from bentos.control.redis_items import RedisItems
from bentos.control.state_keeper import StateKeeper
from bentos.control.state_move import StateMover
from bentos.home.drift_alarms import DriftProblems
from bentos.home.journal import Event
from bentos.home.live_processes import process_started
from bentos.home.state import State, StateError, read_state
from bentos.home.steward_report import ReportWriter, StewardReport, read_report

logger = logging.getLogger(__name__)

POLL = 1.0  # seconds between two looks at the registry's aliases; one REST call of about 7 ms
AHEAD = 5.0  # seconds between two looks for a newly registered version


class Control:
    """One ranker's control loop. `tick` neither raises nor waits for an examination, which `pool` makes.

    `loads` prepares what workers load; `pool` does, behind the examinations, where it is not given.

    Nothing slow is imported before the first tick; that one imports MLflow, 4 s.
    """

    def __init__(
        self,
        charge: Charge,
        pool: Executor,
        clock: Callable[[], float] = time.time,
        loads: Executor | None = None,
    ) -> None:
        self._parts = assemble(charge, pool, clock, loads)
        self._clock = clock
        self._mover = StateMover(self._parts)
        self._keeper = StateKeeper(charge.home, self._parts.journal, clock)
        self._reports = ReportWriter(charge.home, clock)
        self._polled = self._looked_ahead = 0.0
        self._error: str | None = None
        self._guard: GuardHealth | None = None
        self._repeats = RepeatedIds(clock)
        self._drift = DriftProblems(charge.home)
        self.items = None if charge.redis is None else RedisItems(charge.home, charge.redis)
        self._said: set[str] = set()
        self._moved = threading.Event()

    @property
    def rollouts(self) -> Rollouts:
        """The rollouts that this loop serves, for a thread of their own."""
        return self._parts.rollouts

    def watcher(self) -> Watcher:
        """The guard over what this loop serves, for a thread of its own."""
        parts = self._parts
        stopper = Stopper(parts.home, parts.breaker, parts.journal, self.move, self._clock)
        watcher = Watcher(parts.ranker, stopper, self._clock)
        self._guard, self._repeats = watcher.health, watcher.repeats
        return watcher

    def move(self) -> list[str]:
        """Move the state now, without asking the registry: what is wrong, as sentences."""
        problems = self._mover.move()
        self._moved.set()
        return problems

    def wait(self, seconds: float) -> None:
        """Wait for the next tick: so long, or until the guard has moved the state, which is to be said."""
        self._moved.wait(seconds)
        self._moved.clear()

    def close(self) -> None:
        """Another host's Steward may lead at once."""
        if self._parts.replica is not None:
            self._parts.replica.release()

    def tick(self) -> None:
        """Look once at everything, move the state where that is due, report."""
        problems: list[str] = []
        try:
            problems += self._keeper.look()
            problems += self._turn()
            self._error = None
        except Exception as error:  # whatever one look ran into, the next one must come
            problems.append(f"the Steward failed: {type(error).__name__}: {error}")
            if str(error) != self._error:
                logger.exception("a tick failed")
            self._error = str(error)
        self._say(problems)
        try:
            self._reports.write(self._report(problems))
        except OSError as error:  # as on a full disk: the loop goes on, and is silent until there is room
            self._say([f"the Steward can't report: {error}"])

    def announce(self) -> None:
        """A first word, with what the one before had said: the first look may take long."""
        with suppress(StateError, OSError):
            before = read_report(self._parts.home) or StewardReport()
            started = process_started(os.getpid()) or 0
            self._reports.write(msgspec.structs.replace(before, pid=os.getpid(), started=started))

    def _turn(self) -> list[str]:
        """A step of one's own, or what another host's Steward has done."""
        replica = self._parts.replica
        if replica is None:
            return self._step()
        if replica.leads():
            problems = self._step()
            replica.publish()
            return [*problems, *replica.problems()]
        if self._due():
            self._parts.aliases.poll()
            self._polled = self._clock()
        self._parts.breaker.look()
        return [*replica.problems(), *self._parts.breaker.problems(), *self._mover.move()]

    def _step(self) -> list[str]:
        state = read_state(self._parts.home.state)
        self._poll_live(state)
        if self._due():
            self._poll_registry(state)
        return self._mover.move()

    def _due(self) -> bool:
        """Whether it is time to ask the registry again."""
        return abs(self._clock() - self._polled) >= POLL

    def _poll_live(self, state: State | None) -> None:
        live = self._parts.live
        if live.live is None and state is not None and state.experiments:
            live.restore(state.experiments)
        if live.poll() and live.error is not None:
            self._parts.journal.decided(Event.EXPERIMENTS_REFUSED, live.error, file=str(live.path))

    def _poll_registry(self, state: State | None) -> None:
        parts, aliases = self._parts, self._parts.aliases
        was, seen = aliases.reachable, aliases.seen
        aliases.poll()
        self._polled = self._clock()
        if was is not aliases.reachable:
            event = Event.REGISTRY_REACHABLE if aliases.reachable else Event.REGISTRY_UNREACHABLE
            parts.journal.decided(event, aliases.error or aliases.registry.uri)
        if not aliases.reachable:
            return
        bring_level(parts.home, aliases, parts.journal)
        if aliases.seen != seen or not was:
            parts.examinations.forget_replaced(set((aliases.seen or {}).values()))
        parts.examinations.tell_pending(self._mover.versions)
        parts.breaker.tell(aliases.registry, parts.ranker, parts.pool)
        self._look_ahead(state)

    def _look_ahead(self, state: State | None) -> None:
        """Once something serves: a first champion must not wait for what nobody has promoted."""
        champion = None if state is None else state.champion
        if champion is not None and self._clock() - self._looked_ahead >= AHEAD:
            self._looked_ahead = self._clock()
            self._parts.examinations.ahead(self._parts.ranker, champion)

    def _say(self, problems: list[str]) -> None:
        """Log each problem once while it lasts."""
        for problem in problems:
            if problem not in self._said:
                logger.warning("%s", problem)
        self._said = set(problems)

    def _report(self, problems: list[str]) -> StewardReport:
        parts = self._parts
        refused = [f"experiments: {line}" for line in (parts.live.error or "").splitlines()]
        failing = {} if self._guard is None else dict(self._guard.failures())
        said = [
            *self._drift.problems(),
            *self._repeats.problems(),
            *(() if self.items is None else self.items.problems),
        ]
        down = [] if parts.aliases.error is None else [f"registry: {parts.aliases.error}"]
        return StewardReport(
            pid=os.getpid(),
            started=process_started(os.getpid()) or 0,
            registry=parts.aliases.report(),
            aliases=dict(parts.aliases.seen or {}),
            experiments=parts.live.report(),
            rollouts=parts.rollouts.report(),
            guard=parts.breaker.report(),
            guard_failures=failing,
            repeats=self._repeats.report(),
            shared=None if parts.replica is None else parts.replica.report(),
            rulings=parts.examinations.rulings(self._mover.versions),
            examining=parts.examinations.examining,
            corrections=parts.corrector.report(),
            problems=(*problems, *sentences(failing), *refused, *down, *parts.rollouts.problems(), *said),
        )
