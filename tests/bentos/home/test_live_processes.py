"""Who lives: neither the dead nor those that nobody has collected yet."""

from __future__ import annotations

import os
import subprocess
import sys

from bentos.home.live_processes import process_started


def test_a_zombie_is_not_alive() -> None:
    """A killed worker whose parent has not collected it yet still has a pid, but serves nothing."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process_started(child.pid) is not None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_started(child.pid) is None
    child.communicate()
