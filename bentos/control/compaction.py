"""Has the log compacted in a process of its own, so that the memory it needs is given back when it ends."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from bentos.control.apart import run_apart

logger = logging.getLogger(__name__)

EVERY = 60.0  # seconds between two compactions


class CompactionFailed(Exception):  # noqa: N818 - an event, not a defect
    """A compaction that came to nothing; the message is what its process said last."""


def compact_now_and_then(log: Path, stop: threading.Event, every: float = EVERY) -> None:
    """Compact until told to stop; what fails is logged and tried again with the next turn."""
    while not stop.wait(every):
        try:
            compact_apart(log, stop)
        except CompactionFailed as error:
            logger.error("the log was not compacted: %s", error)


def compact_apart(log: Path, stop: threading.Event) -> None:
    """Compact once, in a process of its own, which ends early when `stop` is set. Raises CompactionFailed."""
    status, said = run_apart("monitoring.log.compact", str(log), stop=stop)
    if status and not stop.is_set():
        raise CompactionFailed(said or f"its process ended with status {status}")
    if said:
        logger.warning("compaction of the log: %s", said)
