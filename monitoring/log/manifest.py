"""Which segments a folder's Parquet files stand for: it decides from which file each record is read.

A compacted segment may still lie beside its Parquet file (or the other way round, where a process died in
between). Replacing this small file is the moment at which readers go from one to the other.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from monitoring.errors import UserError
from monitoring.log.segments import segments

NAME = "compacted.json"
READERS = ".readers"
ALONE = ".compacting"


class Part(msgspec.Struct, frozen=True):
    """One Parquet file: the segments whose records it holds, and the last record's arrival (unix s)."""

    name: str
    segments: list[str]
    rows: int
    torn: int
    received: float


class LogManifest(msgspec.Struct, frozen=True):
    """Everything that was compacted in one folder."""

    parts: list[Part] = []
    version: int = 1

    def covered(self) -> set[str]:
        """Segments whose records a Parquet file holds, by their names without suffix."""
        return {segment for part in self.parts for segment in part.segments}


class ManifestError(UserError, ValueError):
    """The manifest cannot be read; without it nobody knows which file has which record."""


def read_manifest(folder: Path) -> LogManifest:
    """Empty where nothing was compacted yet. Raises ManifestError."""
    path = folder / NAME
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=LogManifest)
    except FileNotFoundError:
        return LogManifest()
    except msgspec.DecodeError as error:
        raise ManifestError(f"{path} is no list of compacted files: {error}") from error
    if manifest.version > 1:
        raise ManifestError(f"{path} has version {manifest.version}; this Ballast reads version 1")
    return manifest


def write_manifest(folder: Path, manifest: LogManifest) -> None:
    """Replace it atomically, on the disk before it counts."""
    temporary = folder / f".{NAME}"
    with temporary.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / NAME)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sources(folder: Path, arrived: float | None = None) -> tuple[list[Path], list[Path]]:
    """(Parquet files, segments) that together hold every record of `folder` exactly once.

    To be called, and its files read, inside `reading(folder)`. `arrived` (unix s): without Parquet files all
    of whose records were received before that.
    """
    manifest = read_manifest(folder)
    covered = manifest.covered()
    wanted = [part for part in manifest.parts if arrived is None or part.received >= arrived]
    parquet = [folder / part.name for part in wanted]
    return parquet, [segment for segment in segments(folder) if segment.stem not in covered]


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While it is held, no file that a reader may have chosen is deleted. No folder, nothing to hold."""
    if not folder.is_dir():
        yield
        return
    with _open_lock(folder) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def deleting(folder: Path) -> Iterator[bool]:
    """True where nobody reads just now, which then stays so; False means: another time."""
    with _open_lock(folder) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """True where nobody else compacts this folder or changes its sums, which then stays so."""
    with _open_lock(folder, ALONE) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _open_lock(folder: Path, name: str = READERS) -> Iterator[int]:
    lock = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        yield lock
    finally:
        os.close(lock)
