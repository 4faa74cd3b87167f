"""Exact proofs of what serves: its files have their digests, and reproduce the birth certificate.

What fails is a finding. Unlike a trip it needs no evidence over time: one difference is enough.
"""

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
"""Seconds from when something begins to serve to its first proof here. The gate has just proven it, and
workers load it on the same cores meanwhile."""

Signature = dict[Path, tuple[int, int, int]]


@dataclass(frozen=True)
class Finding:
    """A version or a snapshot that is not what it was: `subject` is its number or id, `evidence` says how."""

    kind: Kind
    subject: str
    quantity: str
    evidence: str


class FileProofs:
    """Repeats the proof of what is served: whenever a file has changed, and every so often."""

    def __init__(self, home: Home, ranker: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._ranker = ranker
        self._clock = clock
        self._files: dict[Path, Signature] = {}
        self._digests: dict[tuple[float, Path], str] = {}  # by ruling's time and file, as first seen
        self._proven_at: dict[str, float] = {}

    def look(self, versions: set[str], snapshot: str, every: float) -> list[Finding]:
        """What is wrong now. Unchanged files are proven every `every` seconds; else some `stat`s are made."""
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
        if now - self._proven_at.setdefault(name, now + min(FIRST, every) - every) < every:
            return False
        self._proven_at[name] = now
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
        return self._certified(version)

    def _certified(self, version: str) -> list[Finding]:
        """What the birth certificate shows; nothing where training's snapshot is gone or damaged.

        Then there is no proof, and it is no fault of the version.
        """
        folder, catalogues = self._home.version(version), self._home.catalogue
        try:
            checks = [*certificate(Subject(self._ranker, version, folder, catalogues))]
        except CatalogueError:
            return []
        failed = [check for check in checks if check.result is Result.REJECT]
        if failed and broken(catalogues / read_manifest(folder).snapshot) is not None:
            return []
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
            if self._digests.setdefault((created, path), digest) != digest:
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
