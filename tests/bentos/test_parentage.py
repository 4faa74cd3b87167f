"""A worker ends with the supervisor that started it, also one that can't end by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bentos import parentage
from bentos.environment import ROOT

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, {script!r}], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""
CHILD = """
import signal, sys, time
{first}
from bentos import parentage
parentage.LOOK, parentage.GRACE = 0.05, 0.2
parentage.end_with_parent()
open({ready!r}, "w").close()
time.sleep(60)
"""


def worker(folder: Path, first: str) -> tuple[subprocess.Popen[str], int]:
    """A parent, and the pid of a child that calls itself as BentoML's workers are called."""
    script, ready = folder / parentage._WORKER, folder / "ready"
    script.parent.mkdir(parents=True)
    script.write_text(CHILD.format(first=first, ready=str(ready)))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(script=str(script))],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    until(ready.exists)
    return parent, pid


def until(true: object, seconds: float = 30.0) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("first", ["", "signal.signal(signal.SIGTERM, signal.SIG_IGN)"])
def test_a_worker_ends_when_its_parent_is_killed(tmp_path: Path, first: str) -> None:
    """By the signal, or by itself where it has no time for signals."""
    parent, pid = worker(tmp_path, first)
    assert not gone(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    until(lambda: gone(pid))


def test_no_other_process_is_concerned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who imports the service for something else ends when it likes."""
    called: list[str] = []
    monkeypatch.setattr(parentage, "signalled_with_parent", lambda: called.append("signal"))
    parentage.end_with_parent()
    assert called == []
