"""Work of the Steward's in a process of its own, which is waited for and ends with it."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import NamedTuple

from bentos.environment import ROOT

LOOK = 0.5  # seconds between two looks whether the Steward ends
LIMIT = 3600.0  # seconds that one may take


class Ended(NamedTuple):
    """A process that has ended: its status, and what it said last."""

    status: int
    said: str


def run_apart(module: str, *arguments: str, stop: threading.Event) -> Ended:
    """`python -m module …` to its end; told to end where it takes longer than `LIMIT`, or `stop` is set."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as child:
        said = _awaited(child, stop)
    return Ended(child.returncode, said)


def _awaited(child: subprocess.Popen[bytes], stop: threading.Event) -> str:
    waited = 0.0
    while True:
        try:
            return child.communicate(timeout=LOOK)[1].decode(errors="replace").strip()[-1000:]
        except subprocess.TimeoutExpired:
            waited += LOOK
            if stop.is_set() or waited > LIMIT:
                child.terminate()  # what it writes is whole wherever that comes
                return f"it took more than {LIMIT:.0f} s"
