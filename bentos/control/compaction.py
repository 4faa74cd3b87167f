"""Has the log compacted in a process of its own, so that the memory it needs is given back when it ends."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

from bentos.environment import ROOT

logger = logging.getLogger(__name__)

EVERY = 60.0  # seconds between two compactions
LOOK = 0.5  # seconds between two looks whether the Steward ends
LIMIT = 3600.0  # seconds that one may take


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
    command = [sys.executable, "-m", "monitoring.log.compact", str(log)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        said = awaited(child, stop)
    if child.returncode and not stop.is_set():
        raise CompactionFailed(said or f"its process ended with status {child.returncode}")
    if said:
        logger.warning("compaction of the log: %s", said)


def awaited(child: subprocess.Popen[bytes], stop: threading.Event) -> str:
    """What the process says in the end; one that takes too long, or until `stop`, is ended."""
    waited = 0.0
    while True:
        try:
            return child.communicate(timeout=LOOK)[1].decode(errors="replace").strip()[-1000:]
        except subprocess.TimeoutExpired:
            waited += LOOK
            if stop.is_set() or waited > LIMIT:
                child.terminate()  # the log is whole wherever that comes
                return f"it took more than {LIMIT:.0f} s"
