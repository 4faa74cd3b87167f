"""Which workers live, as the processes themselves say it: who is missing, stopped, or gives no sign of life.

A worker's event loop touches the file of its acknowledgement once a second. This module imports nothing slow.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from bentos.home.acknowledgements import Ack, read_acks
from bentos.home.live_processes import process_state
from bentos.home.state import Home

BEAT = 1.0  # seconds between two signs of life
QUIET = 3.0  # seconds without one that are said


class Worker(NamedTuple):
    """A process that lives: what it acknowledged, seconds since its last sign, whether it is stopped."""

    ack: Ack
    silent: float
    stopped: bool

    @property
    def answers(self) -> bool:
        """Whether it can be counted on."""
        return not self.stopped and self.silent < QUIET


def living(home: Home, now: float) -> list[Worker]:
    """The workers that live at `now` (unix seconds). Raises StateError for a file that is none of theirs."""
    return [
        Worker(ack, max(0.0, now - _touched(home, ack, now)), process_state(ack.pid) in {"T", "t"})
        for ack in read_acks(home.acks)
    ]


def beat(home: Home) -> None:
    """A sign of life of this process; nothing before it has acknowledged anything."""
    with suppress(OSError):
        os.utime(home.acks / f"{os.getpid()}.json")


def problems(workers: Iterable[Worker]) -> Iterator[str]:
    """Who is missing or does not answer, as sentences."""
    rankers = [worker for worker in workers if worker.ack.kind == "ranker"]
    wanted = max((worker.ack.of for worker in rankers), default=0)
    answering = sum(worker.answers for worker in rankers)
    if answering < wanted:
        missing = " (another is being started)" if len(rankers) < wanted else ""
        yield f"{answering} of {wanted} workers answers{missing}"
    for worker in workers:
        name = f"worker {worker.ack.pid} ({worker.ack.kind})"
        if worker.stopped:
            yield f"{name} is stopped (SIGSTOP): it is replaced soon"
        elif not worker.answers:
            yield f"{name} gave no sign of life for {worker.silent:.0f} s"


def complete(workers: Iterable[Worker]) -> bool:
    """Whether as many workers answer as there should be, and at least one."""
    found = [*workers]
    return bool(found) and not any(True for _ in problems(found))


def _touched(home: Home, ack: Ack, now: float) -> float:
    try:
        return max((home.acks / f"{ack.pid}.json").stat().st_mtime, ack.time)
    except OSError:  # it has ended in this moment
        return now
