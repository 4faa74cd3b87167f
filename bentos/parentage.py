"""A process ends with the one that started it: none is left that serves, or holds a port, unknown to anybody.

The kernel signals a child at once (prctl(2), Linux). A thread ends those that the signal does not, such as
one that waits for a request which never ends.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

PARENT = os.getppid()  # of this process, as it was when this module was imported
LOOK = 1.0  # seconds between two looks at the parent
GRACE = 10.0  # seconds for requests under way, once the parent is gone
_WORKER = Path("_bentoml_impl", "worker", "service.py")  # what BentoML's supervisor starts
_PR_SET_PDEATHSIG = 1
_PRCTL = getattr(ctypes.CDLL(None), "prctl", None)  # looked up before any fork


def signalled_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when its parent ends; elsewhere than on Linux nothing."""
    if _PRCTL is not None and sys.platform == "linux":
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end_with_parent() -> None:
    """For a worker of BentoML's supervisor: when that ends, finish what is under way, then end."""
    if Path(sys.argv[0]).match(str(_WORKER)):
        follow_parent()


def follow_parent() -> None:
    """When the parent ends, finish what is under way, then end."""
    signalled_with_parent()
    threading.Thread(target=_end, name="parent", daemon=True).start()


def _end() -> None:
    while os.getppid() == PARENT:
        time.sleep(LOOK)
    os.kill(os.getpid(), signal.SIGTERM)  # also where it ended before the kernel was told
    time.sleep(GRACE)
    os._exit(1)
