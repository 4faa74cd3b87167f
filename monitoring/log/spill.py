"""Where an analysis puts what doesn't fit into memory, for as long as it runs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp


@contextmanager
def spill(folder: Path) -> Iterator[Path]:
    """A new folder below `folder`, removed afterwards, as are the folders of processes that have died.

    Its owner holds a lock on it, which the kernel gives back whatever becomes of the process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        for other in folder.iterdir():
            _remove_abandoned(other)
        own = Path(mkdtemp(dir=folder))
        lock = os.open(own, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield own
    finally:
        rmtree(own, ignore_errors=True)
        os.close(lock)


def _remove_abandoned(folder: Path) -> None:
    try:
        with _locked(folder, fcntl.LOCK_NB):
            rmtree(folder, ignore_errors=True)
    except (BlockingIOError, FileNotFoundError):
        return


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | how)
        yield
    finally:
        os.close(lock)
