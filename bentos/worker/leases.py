"""Read leases on files that are mapped (fcntl(2), F_SETLEASE; Linux, local file systems).

If somebody writes into a mapped file in place, requests read what they wrote. If somebody cuts it short, the
kernel kills the processes that read it (SIGBUS). While a lease is held, the kernel holds up whoever opens the
file for writing or cuts it, root too, until the lease is given back: 45 s at most
(/proc/sys/fs/lease-break-time). Renaming and removing need no lease's end, and harm nobody who has the file
open.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger(__name__)


class Leases:
    """The leases of one process. Not for several threads at once."""

    def __init__(self) -> None:
        self._held: dict[Path, int] = {}
        self._said = False

    def hold(self, paths: Iterable[Path]) -> None:
        """Hold leases on these files, and on no others.

        Files that can't have one (no such file system, another user's file) go without; that is logged once.
        Raises BlockingIOError, keeping what was held, where somebody has one of the files open for writing.
        """
        taken: dict[Path, int] = {}
        try:
            for path in paths:
                self._take(path, taken)
        except BlockingIOError:
            _close(taken)
            raise
        before, self._held = self._held, taken
        _close(before)

    @property
    def files(self) -> frozenset[Path]:
        """The files on which leases are held."""
        return frozenset(self._held)

    def wanted(self) -> list[Path]:
        """Files that somebody waits to write into; 0.4 µs for each that is held."""
        return [
            path for path, file in self._held.items() if fcntl.fcntl(file, fcntl.F_GETLEASE) != fcntl.F_RDLCK
        ]

    def _take(self, path: Path, taken: dict[Path, int]) -> None:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            # `wanted` is asked for at intervals; the kernel's signal is one that nobody minds.
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGWINCH)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError as error:
            os.close(file)
            raise BlockingIOError(error.errno, "somebody has it open for writing", str(path)) from error
        except OSError as error:
            os.close(file)
            if not self._said:
                logger.warning("%s: no lease is to be had on it: %s", path, error)
            self._said = True
        else:
            taken[path] = file


def _close(files: dict[Path, int]) -> None:
    for file in files.values():
        os.close(file)
