"""Who lives: neither the dead nor those that nobody has collected yet."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bentos.home.live_processes import process_started, sibling


def test_a_zombie_is_not_alive() -> None:
    """A killed worker whose parent has not collected it yet still has a pid, but serves nothing."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process_started(child.pid) is not None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_started(child.pid) is None
    child.communicate()


def test_a_sibling_is_found_by_its_words() -> None:
    """Of the same parent only."""
    code = "import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code, "--service-name", "steward", "x"])
    try:
        deadline = time.monotonic() + 20
        while sibling(os.getpid(), b"--service-name\0steward\0x") is None:
            assert time.monotonic() < deadline
        assert sibling(os.getpid(), b"--service-name\0steward\0x") == child.pid
        assert sibling(1, b"--service-name\0steward\0x\0") is None
    finally:
        child.kill()
        child.wait()
