"""Exact proofs of what serves: its files have their digests, and reproduce the birth certificate.

What fails is a finding. Unlike a trip it needs no evidence over time: one difference is enough.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Set
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

logger = logging.getLogger(__name__)

AGAIN = 30.0  # seconds until what could not be proven is tried again
FIRST = 5.0
"""Seconds from when something begins to serve to its first proof here. The gate has just proven it, and
workers load it on the same cores meanwhile."""

Signature = dict[Path, tuple[int, int, int]]


class _UnprovenError(Exception):
    """There is no proof, and it is no fault of what was to be proven."""


@dataclass(frozen=True)
class Finding:
    """A version or a snapshot that is not what it was: `subject` is its number or id, `evidence` says how.

    `in_memory`: workers read these files once, proved them, and have what they need of them in memory.
    """

    kind: Kind
    subject: str
    quantity: str
    evidence: str
    in_memory: bool = False


class FileProofs:
    """Repeats the proof of what is served: whenever a file has changed, and every so often."""

    def __init__(self, home: Home, ranker: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._ranker = ranker
        self._clock = clock
        self._files: dict[Path, Signature] = {}
        self._digests: dict[tuple[float, Path], str] = {}  # by ruling's time and file, as first seen
        self._proven_at: dict[str, float] = {}
        self._unproven: dict[str, str] = {}
        self._proved = False  # whether a version was, at this look
        self.whole: set[str] = set()
        """Numbers and ids of what was proven at the last look, without a finding."""

    @property
    def unproven(self) -> list[str]:
        """What could not be proven at its last turn, as sentences; it is tried again after `AGAIN`."""
        return [f"{name}: {why}" for name, why in sorted(self._unproven.items())]

    def look(
        self, versions: set[str], snapshot: str, every: float, now: Set[str] = frozenset()
    ) -> list[Finding]:
        """What is wrong now. Unchanged files are proven every `every` seconds; else some `stat`s are made.

        Those of the versions in `now` are proven whatever the time. Of several whose time has come one is
        proven at a look, half a second of work: records wait for it.
        """
        self.whole.clear()
        self._proved = False
        names = {self._home.catalogue / snapshot: snapshot}
        names |= {self._home.version(version): f"version {version}" for version in sorted(versions)}
        self._unproven = {name: why for name, why in self._unproven.items() if name in names.values()}
        found: list[Finding] = []
        for folder, name in names.items():
            found += self._turn(folder, name, every, folder.name in now)
            if found and name == snapshot:
                break  # what versions give on it says nothing of them
        return found

    def _turn(self, folder: Path, name: str, every: float, now: bool) -> list[Finding]:
        """Prove a snapshot or a version where it is its turn; one that can't be proven is no finding."""
        try:
            changed, waits = self._changed(folder), self._proved and name != folder.name
            if not changed and not now and (waits or not self._due(name, every)):
                return []
            self._proved |= name != folder.name
            found = self._snapshot(folder) if name == folder.name else self._version(folder.name)
        except Exception as error:  # the others are proven all the same
            self._put_off(name, str(error) if isinstance(error, _UnprovenError) else repr(error), every)
            return []
        self._unproven.pop(name, None)
        if not found:
            self.whole.add(folder.name)
        return found

    def _put_off(self, name: str, why: str, every: float) -> None:
        if self._unproven.get(name) != why:
            logger.warning("%s can't be proven: %s", name, why)
        self._unproven[name] = why
        self._proven_at[name] = self._clock() + min(AGAIN, every) - every

    def _snapshot(self, folder: Path) -> list[Finding]:
        why = broken(folder)
        return [] if why is None else [Finding("snapshot", folder.name, SNAPSHOT, why)]

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
            raise _UnprovenError("no ruling on it: it is being fetched or judged anew")
        try:
            verify_files(self._home.version(version))
        except (PackageError, OSError) as error:
            return [Finding("version", version, FILES, str(error), in_memory=True)]
        why = next(self._changed_since(version, ruling.created), None)
        if why is not None:
            return [Finding("version", version, FILES, why)]
        return self._certified(version)

    def _certified(self, version: str) -> list[Finding]:
        """What the birth certificate shows. Raises _UnprovenError where training's snapshot can't be used."""
        folder, catalogues = self._home.version(version), self._home.catalogue
        try:
            checks = [
                *certificate(Subject(self._ranker, version, folder, catalogues, self._home.declaration))
            ]
        except CatalogueError as error:
            raise _UnprovenError(
                f"its birth certificate: training's snapshot can't be read: {error}"
            ) from error
        failed = [check for check in checks if check.result is Result.REJECT]
        if failed and (why := broken(catalogues / read_manifest(folder).snapshot)) is not None:
            raise _UnprovenError(f"its birth certificate: training's snapshot is damaged: {why}")
        return [Finding("version", version, CERTIFICATE, failed[0].sentence)] if failed else []

    def _changed_since(self, version: str, created: float) -> Iterator[str]:
        folder = self._home.version(version)
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
