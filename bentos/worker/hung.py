"""Processes that give no sign of life for too long are killed; BentoML's supervisor starts others.

The Steward looks at the workers, and each worker at the Steward: one that hangs, or is stopped (SIGSTOP),
can't see it itself.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from bentos.home.live_processes import process_started, process_state, sibling
from bentos.home.state import Home
from bentos.home.steward_report import read_report
from bentos.home.workers import Worker, living

logger = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks
HELD_UP = 3.0  # seconds without a look: this process itself was held up, and knows nothing of the others
SERVICE = b"--service-name\0steward\0"  # as BentoML starts it
STEWARD = 120.0  # seconds for a Steward that is not stopped: what it loads may take long on a busy machine


class Silent(NamedTuple):
    """A process without a sign of life: what it is, its pid and start, for how long, and its limit."""

    name: str
    pid: int
    started: int
    seconds: float
    limit: float


class Hung:
    """Kills what is silent for longer than its limit. `clock` gives unix seconds."""

    def __init__(
        self,
        found: Callable[[float], Iterator[Silent]],
        told: Callable[[str], object] = lambda _: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._found, self._told, self._clock = found, told, clock
        self._since = self._last = clock()  # since when looks came in time

    def look(self) -> None:
        """Replace what must be; never on the strength of a time in which this process itself stood still."""
        now = self._clock()
        if not 0 <= now - self._last <= HELD_UP:
            self._since = now
        self._last = now
        for silent in self._found(now):
            seconds = min(silent.seconds, now - self._since)
            if seconds > silent.limit and process_started(silent.pid) == silent.started:
                self._replace(silent, seconds)

    def _replace(self, silent: Silent, seconds: float) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(silent.pid, signal.SIGKILL)
        said = (
            f"{silent.name} {silent.pid} gave no sign of life for {seconds:.0f} s: it is killed and replaced"
        )
        logger.error("%s", said)
        self._told(said)


def workers(home: Home, limit: float) -> Callable[[float], Iterator[Silent]]:
    """The workers of a home that are silent, with `limit` in seconds."""

    def found(now: float) -> Iterator[Silent]:
        for worker in living(home, now):
            if not worker.answers:
                yield _silent(worker, limit)

    return found


def steward(
    home: Home, limit: float, starting: Callable[[], int | None] | None = None
) -> Callable[[float], Iterator[Silent]]:
    """The Steward of a home: `limit` seconds from when it is seen stopped, `STEWARD` where it says nothing.

    One that is busy for long and then stopped for a moment, as with all of its host, is no hung one. Where
    who reported last has ended, it is the one that is `starting`, this process's sibling.
    """
    new = starting or (lambda: sibling(os.getppid(), SERVICE))
    stopped: dict[int, float] = {}  # since when it is seen stopped, by its pid

    def found(now: float) -> Iterator[Silent]:
        if not _old(home.steward, now):
            stopped.clear()
            return
        report = read_report(home)
        if report is None or not report.started:
            return
        pid, started = report.pid, report.started
        if process_started(pid) != started:
            pid = new() or 0
            started = process_started(pid) or 0
        if not started:
            return
        if process_state(pid) in {"T", "t"}:
            since = stopped.setdefault(pid, now)
            yield Silent("Steward", pid, started, now - since, limit)
        elif pid == report.pid:
            stopped.clear()
            yield Silent("Steward", report.pid, report.started, now - report.time, STEWARD)

    return found


def _old(path: Path, now: float) -> bool:
    """Whether a file was not written lately: a `stat`, most of the time."""
    try:
        return now - path.stat().st_mtime > HELD_UP
    except OSError:
        return False


def _silent(worker: Worker, limit: float) -> Silent:
    ack = worker.ack
    return Silent(f"worker ({ack.kind})", ack.pid, ack.started, worker.silent, limit)
