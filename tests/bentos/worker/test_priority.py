"""Who goes first. A process that steps back does so for good, so each test has a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bentos.settings import ROOT
from bentos.worker.priority import BEHIND, SWITCH


def run(code: str) -> list[str]:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import os, sys, threading\nfrom bentos.worker import priority\n{code}"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout.split()


def test_a_process_steps_back_whole() -> None:
    """All of its threads, those to come as well and those before, relative to what it was started with."""
    found = run(
        "go = threading.Event()\n"
        "before = threading.Thread(target=lambda: (go.wait(), print(os.getpriority(os.PRIO_PROCESS, 0))))\n"
        "before.start(), priority.process_behind(), go.set(), before.join()\n"
        "print(os.getpriority(os.PRIO_PROCESS, 0))\n"
        "thread = threading.Thread(target=lambda: print(os.getpriority(os.PRIO_PROCESS, 0)))\n"
        "thread.start(), thread.join()"
    )
    assert found == [str(BEHIND)] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no priority of their own")
def test_a_thread_steps_back_alone() -> None:
    """The thread that answers requests stays where it was, and gets the interpreter sooner."""
    found = run(
        "before = os.getpriority(os.PRIO_PROCESS, 0)\n"
        "def step_back():\n"
        "    priority.thread_behind()\n"
        "    print(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))\n"
        "thread = threading.Thread(target=step_back)\n"
        "thread.start(), thread.join()\n"
        "print(os.getpriority(os.PRIO_PROCESS, os.getpid()) - before, sys.getswitchinterval())"
    )
    assert found[:2] == [str(BEHIND), "0"]
    assert float(found[2]) == pytest.approx(SWITCH, rel=0.01)


def test_who_may_not_step_back_goes_on() -> None:
    """A process that is behind already further can't come forward: no error of it."""
    found = run(
        "os.setpriority(os.PRIO_PROCESS, 0, 15)\n"
        "os.setpriority = lambda *_: (_ for _ in ()).throw(PermissionError())\n"
        "priority.process_behind(), priority.thread_behind()\n"
        "print(os.getpriority(os.PRIO_PROCESS, 0))"
    )
    assert found == ["15"]
