"""Where the console's process listens: a socket in a folder of the home that only its user can enter."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bentos.home.state import Home

LONGEST = 100  # bytes of a socket's path; the kernel takes at most 107
NAME = "socket"


def console_folder(home: Home) -> Path:
    """The socket's folder; it may not exist yet."""
    return home.folder / "console"


@contextmanager
def reached(home: Home) -> Iterator[str]:
    """A path under which the kernel takes the socket, while the context lasts: a home's may be too long.

    Raises OSError where the folder is not there.
    """
    path = console_folder(home) / NAME
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{NAME}"
    finally:
        os.close(folder)
