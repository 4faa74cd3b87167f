"""A real request body for the banner of `ballast up`, read by a process of its own.

Reading a table takes half a gigabyte, which a process that only waits afterwards would keep.
"""

from __future__ import annotations

import subprocess
import sys

from bentos.environment import ROOT
from bentos.local.processes import StartError
from bentos.parentage import signalled_with_parent

CANDIDATES = 5  # of a body that fits a command line


class Example:
    """Begins to read when it is made."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "bentos", "request", "--most", str(CANDIDATES)]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=signalled_with_parent,  # noqa: PLW1509 - one system call
        )

    def body(self) -> str:
        """The body, once it is read. Raises StartError where it can't be."""
        body, said = self._process.communicate()
        if self._process.returncode:
            raise StartError(f"there is no request to try: {said.strip() or 'it was ended'}")
        return body.strip()
