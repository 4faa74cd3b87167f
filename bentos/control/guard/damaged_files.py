"""A version whose files on this disk are damaged: what workers have in memory was proven, and serves on.

It does so until any worker must load the version again, as after a restart or with a new snapshot, and
says that it can't. Then the version is stopped, and the newest one that passed the gate serves everywhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field

from bentos.control.guard.file_proofs import Finding
from bentos.control.guard.quantities import FILES
from bentos.control.heirs import heirs
from bentos.home.acknowledgements import read_acks
from bentos.home.journal import Event, Journal
from bentos.home.state import Home, State
from bentos.home.stops import Stop, Stops

logger = logging.getLogger(__name__)

SERVES_ON = "what workers have in memory was proven when they loaded it, and serves on"


@dataclass
class DamagedFiles:
    """The versions of a home that serve from memory alone; `clock` gives unix seconds."""

    home: Home
    journal: Journal
    clock: Callable[[], float] = time.time
    _heard: set[tuple[int, int, str]] = field(default_factory=set)  # pid, its start, version

    def keep(self, finding: Finding, state: State) -> None:
        """Put on record that a version serves from memory alone; nothing else changes."""
        stops = Stops.of(self.home)
        if finding.subject in stops.active("files"):
            return
        done = f"{SERVES_ON}; once one must load it again, {_heir(self.home, state, finding.subject)}"
        stop = Stop("files", finding.subject, finding.quantity, finding.evidence, done, self.clock())
        stops.put(stop)
        self.journal.decided(Event.FILES_DAMAGED, stop.why, done=done, version=stop.subject)
        logger.error("guard: version %s: %s; %s", stop.subject, stop.why, done)

    def needed(self) -> list[Finding]:
        """Findings about damaged versions that a worker could not load: these must stop."""
        unloadable = self.unloadable()
        damaged = Stops.of(self.home).active("files").values()
        return [
            Finding("version", stop.subject, FILES, stop.evidence)
            for stop in damaged
            if stop.subject in unloadable
        ]

    def unloadable(self) -> frozenset[str]:
        """The versions that workers which are alive could not load."""
        return frozenset(ack.unloadable for ack in read_acks(self.home.acks) if ack.unloadable is not None)

    def newly_unloadable(self) -> set[str]:
        """Those that a worker has said so of for the first time: their files are to be proven now."""
        told = {(ack.pid, ack.started, ack.unloadable) for ack in read_acks(self.home.acks) if ack.unloadable}
        new, self._heard = told - self._heard, told
        return {version for _, _, version in new}

    def mended(self, whole: Set[str]) -> None:
        """Take off the record what is damaged no longer; `whole` are versions that were just proven."""
        stops = Stops.of(self.home)
        for version in whole & stops.active("files").keys():
            stops.drop(version)
            self.journal.decided(Event.FILES_MENDED, "every file has its digest again", version=version)


def _heir(home: Home, state: State, version: str) -> str:
    """What will serve instead."""
    found = heirs(home, state, {version, *state.stopped})
    if not found:
        return f"all its answers are in the fallback order ({state.fallback}): no other version has passed"
    return f"version {found[0]} serves everywhere"
