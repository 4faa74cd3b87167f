"""Who goes first where a core is shared: answering requests comes before preparing, judging and loading."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

BEHIND = 5  # nice: a third of a request's share of a busy core, so that a promotion comes through
FIRST_TO_GO = b"800"  # of 1000
SWITCH = 0.0001  # seconds that a thread in Python lets another wait; Python's own 0.005 is ten answers


def process_behind() -> None:
    """This process comes after others, for good: only root may go back.

    Where the kernel schedules by session (autogroup), as servers outside containers do, `nice` counts only
    among the processes of one session, and each of BentoML's services has its own: then the session's is what
    others see.
    """
    for thread in _threads():  # on Linux, each has a priority of its own; later ones have that of their maker
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, BEHIND)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(BEHIND))


def first_to_go() -> None:
    """Where memory ends, the kernel ends this process before those that serve."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(FIRST_TO_GO)


def _threads() -> list[int]:
    """The threads of this process, as the kernel counts them; 0 stands for the process elsewhere."""
    try:
        return [int(path.name) for path in Path("/proc/self/task").iterdir()]
    except OSError:
        return [0]


def thread_behind() -> None:
    """This thread comes after its process's others, for the core (on Linux) and for the interpreter."""
    sys.setswitchinterval(SWITCH)
    if sys.platform == "linux":  # elsewhere threads have no priority of their own
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
