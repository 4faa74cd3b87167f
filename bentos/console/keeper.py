"""Keeps the console's process running while the Steward runs: started late, and again when it ends."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time

from bentos.environment import ROOT
from bentos.home.state import Home

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "bentos.console.serving")
LOOK = 0.5  # seconds between two looks
SETTLED = 10.0  # seconds after there is a state: what serves is loaded first
FIRST, LONGEST = 1.0, 60.0  # seconds from an end to the next start; each time it fails at once, twice as long
WELL = 60.0  # seconds after which a process that ended had come up


def keep_console(home: Home, stop: threading.Event) -> None:
    """Run the process until `stop` is set; not before there is a state, since nothing may delay the first."""
    pause = FIRST
    while not home.state.exists():
        if stop.wait(LOOK):
            return
    stop.wait(SETTLED)
    while not stop.is_set():
        started = time.monotonic()
        status = _run(stop)
        if stop.is_set():
            return
        pause = FIRST if time.monotonic() - started > WELL else min(LONGEST, 2 * pause)
        logger.error("the console's process ended with status %s; the next starts in %.0f s", status, pause)
        stop.wait(pause)


def _run(stop: threading.Event) -> int | None:
    """Its exit status; None where it had to be killed."""
    with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.DEVNULL) as child:  # noqa: S603 - our own
        while child.poll() is None and not stop.wait(LOOK):
            pass
        child.terminate()
        try:
            return child.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            child.kill()
            return None
