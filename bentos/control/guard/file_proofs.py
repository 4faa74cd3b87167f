"""What is exact: files have their digests, and the birth certificate comes out of what is on disk now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bentos.control.guard.quantities import CERTIFICATE, FILES, SNAPSHOT
from bentos.home.rulings import Rulings
from bentos.home.state import Home
from bentos.home.stops import Kind
from models.catalogue.catalogue import Catalogue, CatalogueError
from models.gate.birth import certificate
from models.gate.subject import Subject
from models.gate.verdict import Result
from models.package import MANIFEST, PackageError, read_manifest, sha256, verify_files

FIRST = 5.0
"""Seconds from when something begins to serve to its first proof here: who let it in has just proven it,
and workers are loading it, on the same cores, beside their requests."""

Signature = dict[Path, tuple[int, int, int]]


@dataclass(frozen=True)
class Finding:
    """A version or a snapshot that is not what it was."""

    kind: Kind
    subject: str
    quantity: str
    evidence: str


class Proofs:
    """Repeats the proof of what is served: whenever a file has changed, and every so often."""

    def __init__(self, home: Home, ranker: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._ranker = ranker
        self._clock = clock
        self._files: dict[Path, Signature] = {}
        self._known: dict[
            tuple[float, Path], str
        ] = {}  # digests when a version of this moment was first seen
        self._proven: dict[str, float] = {}

    def look(self, versions: set[str], snapshot: str, every: float) -> list[Finding]:
        """What is wrong now. Some dozen `stat`s where no file has changed and nothing is due."""
        catalogue = self._home.catalogue / snapshot
        if self._changed(catalogue) or self._due(snapshot, every):
            why = broken(catalogue)
            if why is not None:
                return [Finding("snapshot", snapshot, SNAPSHOT, why)]
        found = []
        for version in sorted(versions):
            if self._changed(self._home.version(version)) or self._due(version, every):
                found += self._version(version)
        return found

    def _due(self, name: str, every: float) -> bool:
        now = self._clock()
        if now - self._proven.setdefault(name, now + min(FIRST, every) - every) < every:
            return False
        self._proven[name] = now
        return True

    def _changed(self, folder: Path) -> bool:
        before, now = self._files.get(folder), signature(folder)
        self._files[folder] = now
        return before is not None and before != now

    def _version(self, version: str) -> list[Finding]:
        ruling = Rulings.of(self._home).get(version)
        if ruling is None:
            return []  # it is being fetched or judged anew
        why = next(self._files_of(version, ruling.created), None)
        if why is not None:
            return [Finding("version", version, FILES, why)]
        folder, catalogues = self._home.version(version), self._home.catalogue
        checks = certificate(Subject(self._ranker, version, folder, catalogues))
        failed = [check for check in checks if check.result is Result.REJECT]
        if failed and broken(catalogues / read_manifest(folder).snapshot) is not None:
            return []  # training's snapshot is gone or damaged: no proof, and no fault of the version
        return [Finding("version", version, CERTIFICATE, failed[0].sentence)] if failed else []

    def _files_of(self, version: str, created: float) -> Iterator[str]:
        folder = self._home.version(version)
        try:
            verify_files(folder)
        except (PackageError, OSError) as error:
            yield str(error)
        # What an engine keeps is made here by the first process that loads the version, and stays.
        for path in (folder / MANIFEST, *sorted((folder / "engine").glob("[!.]*"))):
            digest = sha256(path)
            if self._known.setdefault((created, path), digest) != digest:
                yield f"{path}: its content has changed since it began to serve"


def signature(folder: Path) -> Signature:
    """Modification time (ns), inode and size of every file below `folder`; drafts left out."""
    found: Signature = {}
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        if not path.name.startswith(".") and path.is_file():
            found[path] = (status.st_mtime_ns, status.st_ino, status.st_size)
    return found


def broken(folder: Path) -> str | None:
    """Why a snapshot is not what its name says; None where it is."""
    try:
        Catalogue.open(folder, verify=True)
    except (CatalogueError, OSError) as error:
        return str(error)
    return None
