"""Locks on files, which the kernel gives back when their holder ends: one Steward per ranker."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Hold `folder` alone among threads and processes: what is read, changed and written back loses nothing.

    Waits for whoever holds it; nobody may hold it for longer than it takes to write a small file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class Lock:
    """An flock on a file; `held` tells whether this object has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether `take` succeeded and `release` was not called since."""
        return self._file is not None

    def take(self) -> bool:
        """Take the lock if it is free; False when another process or object holds it."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        os.truncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock back; the file stays, so that nobody locks a name that is gone."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
