"""Has closed days looked at for drift in a process of its own, which comes after all others."""

from __future__ import annotations

import logging
import threading

from bentos.control.apart import run_apart
from bentos.home.state import Home

logger = logging.getLogger(__name__)

FIRST = 120.0  # seconds after the start: what answers comes first
EVERY = 3600.0  # seconds between two looks, however fast the log's clock runs


def look_now_and_then(home: Home, stop: threading.Event, first: float = FIRST, every: float = EVERY) -> None:
    """Look until told to stop; what fails is logged and tried again with the next turn."""
    pause = first
    while not stop.wait(pause):
        pause = every
        look_apart(home, stop)


def look_apart(home: Home, stop: threading.Event) -> None:
    """Look once, in a process of its own, which ends early when `stop` is set."""
    paths = str(home.folder), str(home.declaration)
    said = run_apart("bentos.offline.closed_days", *paths, stop=stop).said
    if said and not stop.is_set():
        logger.warning("drift: %s", said)
