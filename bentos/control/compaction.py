"""The log's compaction, in a process of its own that gives its memory back: the Steward's stays level."""

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


def compact_now_and_then(log: Path, stop: threading.Event, every: float = EVERY) -> None:
    """Compact until told to stop; what fails is logged and tried again with the next turn."""
    while not stop.wait(every):
        why = compact_apart(log, stop)
        if why:
            logger.error("the log was not compacted: %s", why)


def compact_apart(log: Path, stop: threading.Event) -> str:
    """Why the log was not compacted, "" where it was. A compaction under way ends with the Steward."""
    command = [sys.executable, "-m", "monitoring.log.compact", str(log)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        waited = 0.0
        while True:
            try:
                _, said = child.communicate(timeout=LOOK)
            except subprocess.TimeoutExpired:
                waited += LOOK
                if stop.is_set() or waited > LIMIT:
                    child.terminate()  # the log is whole wherever that comes
                    return "" if stop.is_set() else f"it took more than {LIMIT:.0f} s"
            else:
                return said.decode(errors="replace").strip()[-1000:] if child.returncode else ""
