"""Append-only segments: one file per worker and 64 MiB, one `write` per record.

What was appended is kept when the process dies, but may be lost when the power fails: a segment is synced to
the disk when it is full or closed. A worker holds a lock on the segment it writes, which the kernel drops
when the worker dies, however it dies; so every reader can tell a live segment from a closed one. The folder
must be on a local disk.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import threading
import time
from pathlib import Path

from monitoring.errors import UserError

ROTATE_BYTES = 64 * 1024 * 1024
SUFFIX = ".jsonl"
LOST = ".lost"  # beside a segment, what its writer missed of it


class LogUnavailable(UserError, OSError):  # noqa: N818 - it names a state of the log that comes and goes
    """Nothing can be recorded now; the next append tries again."""


class SegmentWriter:
    """The one writer of its segment. `worker` is any name without '-' and '/'; it is seen in file names."""

    def __init__(self, folder: Path, worker: str, rotate_bytes: int = ROTATE_BYTES) -> None:
        if not worker or "-" in worker or "/" in worker:
            raise ValueError(f"worker {worker!r}: a segment's worker name is not empty and has no '-' or '/'")
        self._folder = Path(folder)
        self._worker = worker
        self._rotate_bytes = rotate_bytes
        self._lock = threading.Lock()
        self._file: int | None = None
        self._size = 0
        self._torn = False
        self._name = ""

    def append(self, line: bytes) -> None:
        """Record `line`, which ends in a newline. Raises LogUnavailable when it could not be written whole.

        A line that was cut is ended by the next append, and readers skip it.
        """
        with self._lock:
            try:
                self._write(line)
            except OSError as error:
                raise LogUnavailable(
                    error.errno, f"the log in {self._folder} cannot be written: {error.strerror}"
                ) from error

    def try_again(self) -> None:
        """End a line that was cut, where one was: a failure is over without waiting for the next record.

        Raises LogUnavailable while it is not.
        """
        if self._torn:
            self.append(b"")

    def close(self) -> None:
        """Send the segment to the disk and let go of it; an append after it opens a new one."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            _settle(file)

    def _write(self, line: bytes) -> None:
        if self._file is None:
            self._open()
        assert self._file is not None  # noqa: S101 - for the type checker: _open sets it or raises
        state = os.fstat(self._file)
        if state.st_nlink == 0 or state.st_size < self._size:
            self._note("it was deleted" if state.st_nlink == 0 else "it was cut")
            self._begin_another()
        payload = b"\n" + line if self._torn else line
        self._torn = True  # until the whole line is known to be written
        written = os.write(self._file, payload)
        self._size += written
        if written != len(payload):
            raise OSError(errno.ENOSPC, f"{written} of {len(payload)} bytes written, then {_FULL}")
        self._torn = False
        if self._size >= self._rotate_bytes:
            self._rotate()

    def _open(self) -> None:
        """The file gets its name when it is locked: no reader can take it for a dead worker's."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns():020d}-{self._worker}-{os.getpid()}-{secrets.token_hex(3)}"
        hidden = self._folder / f".{name}"
        file = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            hidden.rename(self._folder / (name + SUFFIX))
        except OSError:
            os.close(file)
            raise
        self._file, self._size, self._torn, self._name = file, 0, False, name

    def _begin_another(self) -> None:
        """Somebody removed or cut the segment: bytes written to it now would be lost, or never be found.

        Readers are ahead of a segment that was cut, and its last line is torn.
        """
        file, self._file = self._file, None
        if file is not None:
            os.close(file)
        self._open()

    def _note(self, what: str) -> None:
        """Leave word of records that somebody took away while they were written, for `sums`."""
        said = f"{what} while it was written to: it had {self._size:,} bytes"
        (self._folder / (self._name + LOST)).write_text(said, encoding="utf-8")

    def _rotate(self) -> None:
        file, self._file = self._file, None
        if file is not None:  # the disk may take its time; requests do not wait for it
            threading.Thread(target=_settle, args=(file,), name="segment-fsync").start()


_FULL = os.strerror(errno.ENOSPC)


def _settle(file: int) -> None:
    """To the disk and out of the page cache, so that a busy log always reuses the same few pages.

    Memory that the machine never used costs a virtual one ten times a write: 430 instead of 42 µs for 150 kB.
    """
    try:
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)


def is_closed(segment: Path) -> bool:
    """True once no worker writes `segment` any more. Raises FileNotFoundError where it is gone."""
    file = os.open(segment, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def segments(folder: Path) -> list[Path]:
    """The segments in `folder`, oldest first; none where there is no folder."""
    try:
        found = list(Path(folder).iterdir())
    except FileNotFoundError:
        return []
    return sorted(path for path in found if path.suffix == SUFFIX and path.name[0] != ".")
