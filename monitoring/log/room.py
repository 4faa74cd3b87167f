"""Whether a log can be written: found out by writing, so that it is known without any request."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

ROOM = 65536  # bytes that must find room: four times the largest record
_MEND = {
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "raise the quota there",
    errno.EROFS: "mount it for writing",
    errno.EACCES: "let the server's user write there",
}


def why_no_room(folder: Path) -> str | None:
    """Why nothing can be written into the folder of a log, and what to do; None where something can.

    Writes and removes a hidden file: 60 µs. A folder that is not there yet has room.
    """
    probe = folder / f".room-{os.getpid()}-{threading.get_ident()}"
    try:
        file = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    except OSError as error:
        return sentence(folder, error)
    try:
        written = os.write(file, bytes(ROOM))
        if written < ROOM:
            return sentence(folder, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    except OSError as error:
        return sentence(folder, error)
    finally:
        os.close(file)
        with suppress(OSError):
            probe.unlink()
    return None


def sentence(folder: Path, error: OSError) -> str:
    """What an error means for who answers, and what ends it."""
    mend = _MEND.get(error.errno or 0, "look at its disk")
    return (
        f"the log in {folder} cannot be written: {error.strerror}: nothing is answered that is not on record "
        f"(503): {mend}, and it goes on by itself"
    )
