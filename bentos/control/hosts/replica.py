"""The Steward of one of several hosts: it leads and publishes its state, or it follows the one that leads.

Nobody moves the state without holding the lock in Redis, so there is one history of epochs. Without Redis
nobody moves it: every host keeps serving what it has, and says since when.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Set
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from bentos.control.guard.quantities import FILES
from bentos.control.hosts.exchange import Exchange
from bentos.control.hosts.judged_packages import JudgedPackages
from bentos.control.hosts.redis_state import HOLDS, Document, Shared, SharedUnavailable
from bentos.home.journal import Event, Journal
from bentos.home.live_files import compiled_under
from bentos.home.state import Home, State, read_state, write_state
from bentos.home.steward_report import HostReport
from bentos.home.stops import Stops
from models.registry import RegistryError
from monitoring.log.struck import StruckError, StruckWindow

PAUSE = 1.0  # seconds without asking, after Redis has failed to answer


class _Published(NamedTuple):
    """What the others know of this host."""

    state: State
    struck: tuple[StruckWindow, ...] | None


class Replica:
    """One host's part. `live` is its live.yaml; `download` fetches a version's package from the registry."""

    def __init__(  # noqa: PLR0913, PLR0917 - what it stands between
        self,
        home: Home,
        live: Path,
        shared: Shared,
        download: Callable[[str], object],
        journal: Journal,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._shared = shared
        self._exchange = Exchange(home, live, shared, JudgedPackages(home, download, clock))
        self._journal = journal
        self._clock = clock
        self._published: _Published | None = None
        self._renewed = 0.0  # when this Steward last had the lock for certain
        self._asked = 0.0  # when Redis was last asked
        self._free = 0.0  # since when nobody has the lock; 0 while somebody has
        self._since = clock()  # when Redis last began to answer, or ceased to
        self._holder: str | None = None  # None before Redis has answered once
        self._led = False
        self._error: str | None = None
        self._problem: str | None = None
        self._writing = threading.Lock()  # the guard's thread heeds as well

    def leads(self) -> bool:
        """Whether this Steward may move the state now. Where another leads, that one's state is taken up."""
        if self._error is None or abs(self._clock() - self._asked) >= PAUSE:
            self._asked = self._clock()
            try:
                self._look()
            except SharedUnavailable as error:
                self._hear(str(error))
            else:
                self._hear(None)
        return self.holds()

    def publish(self) -> None:
        """Tell the others what is served here, if they don't know."""
        state = read_state(self._home.state)
        out = None if state is None else _Published(state, self._exchange.struck())
        if state is None or out == self._published or not self.holds():
            return
        compiled = compiled_under(self._home, state.experiments) if state.experiments else None
        try:
            if self._shared.publish(self._exchange.document(state), compiled):
                self._published = out
        except SharedUnavailable as error:
            self._hear(str(error))

    def heed(self) -> None:
        """What the guard stopped on this host stays out of its answers, whoever leads and if nobody does."""
        with self._writing:
            state = read_state(self._home.state)
            if state is not None and (safe := self._safe(state)) != state:
                write_state(self._home.state, safe)

    def release(self) -> None:
        """When this Steward ends, another may lead at once; without Redis, when the lock has run out."""
        with suppress(SharedUnavailable):
            self._shared.release()

    def report(self) -> HostReport:
        """For steward.json."""
        role = "leads" if self.holds() else "follows" if self._holder else "waits"
        stale = self._error is not None or self._problem is not None
        return HostReport(role, self._holder, self._error is None, self._since, stale)

    def problems(self) -> list[str]:
        """Sentences for /status."""
        gone = f"{self._error}; the last good state is served, and changes wait" if self._error else None
        return [each for each in (gone, self._problem) if each is not None]

    def _look(self) -> None:
        """Renew or take the lock, then take up what is newer than what is here."""
        there = self._shared.read()
        here = read_state(self._home.state)
        moment = self._clock()
        self._holder = self._shared.lead(take=self._may_take(there, here))
        self._free = 0.0 if self._holder else self._free or moment
        mine = self._holder == self._shared.name
        if there is not None and (not mine or here is None or there.state.epoch > here.epoch):
            self._take_up(there, here)
        if mine:
            self._lead(there, here, moment)

    def _lead(self, there: Document | None, here: State | None, moment: float) -> None:
        """What Redis has lost is published again; who could not take up what is there does not lead yet."""
        known = there is not None and here is not None and there.state.epoch >= here.epoch
        self._published = self._published if known else None
        if self._problem is None:
            self._renewed = moment
            self._led = True

    def _may_take(self, there: Document | None, here: State | None) -> bool:
        """A Redis that has lost everything belongs to who led before; the others wait for it a while."""
        if there is not None or here is None or self._led:
            return True
        return self._free > 0 and self._clock() - self._free > 2 * HOLDS

    def holds(self) -> bool:
        """Whether this Steward has the lock, surely: it was renewed lately enough."""
        return self._holder == self._shared.name and 0 <= self._clock() - self._renewed < HOLDS

    def _take_up(self, there: Document, here: State | None) -> None:
        with self._writing:
            self._write(there, here)

    def _write(self, there: Document, here: State | None) -> None:
        try:
            self._exchange.follow_strikes(there, str(self._holder), self._clock())
            state = self._safe(self._exchange.complete(there))
            if state == here:
                self._problem = None
                return
            self._exchange.replace_files(there)
        except (RegistryError, StruckError, OSError) as error:
            self._problem = f"epoch {there.state.epoch} can't be taken up: {error}"
            return
        self._problem = None
        write_state(self._home.state, state)
        self._journal.decided(Event.FOLLOWED, f"epoch {state.epoch} of {self._holder}", epoch=state.epoch)

    def _safe(self, state: State) -> State:
        """The state without what the guard stopped on this host.

        Where only the files of a version are damaged here, the newest other one that serves or has served
        and is on this disk takes its place.
        """
        active = Stops.of(self._home).active("version")
        damaged = {version for version, stop in active.items() if stop.quantity == FILES}
        versions = self._without(damaged, state, {*active, *state.stopped})
        own = {version: stop.why for version, stop in active.items() if version in versions.values()}
        return msgspec.structs.replace(state, versions=versions, stopped=state.stopped | own)

    def _without(self, damaged: Set[str], state: State, gone: Set[str]) -> dict[str, str]:
        known = {*state.versions.values(), *(each.version for each in state.previous)} - gone
        here = sorted((each for each in known if self._home.version(each).is_dir()), key=int)
        if not here:
            return state.versions
        return {name: here[-1] if each in damaged else each for name, each in state.versions.items()}

    def _hear(self, error: str | None) -> None:
        if (error is None) != (self._error is None):
            self._since = self._clock()
            event = Event.REDIS_REACHABLE if error is None else Event.REDIS_UNREACHABLE
            self._journal.decided(event, error or "it answers again")
        self._error = error
