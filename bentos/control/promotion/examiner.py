"""Download a version, gate it, keep the ruling, tell MLflow."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bentos.control.promotion.examined_apart import examined_apart
from bentos.home.journal import Event, Journal
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home, StateError, read_state, write_atomically
from models.catalogue.catalogue import proven
from models.gate.subject import Subject
from models.package import PackageError, read_manifest
from models.registry import LOGGED_DIGEST, Registry, RegistryError

logger = logging.getLogger(__name__)


class CannotJudge(StateError):  # noqa: N818 - a state of this host, and no verdict on the version
    """This host lacks what a judgement needs; the message says what."""


@dataclass(frozen=True)
class Examiner:
    """Judges versions of one ranker. `declaration` is the served ranker.toml, whose [expect] people own.

    `most` bounds the size in bytes of a catalogue snapshot that is taken from the registry.
    """

    home: Home
    ranker: str
    declaration: Path
    registry: Registry
    journal: Journal
    clock: Callable[[], float] = time.time
    most: int = 1_024_000_000

    @property
    def rulings(self) -> Rulings:
        """Where rulings are kept."""
        return Rulings.of(self.home)

    def known(self, version: str) -> Ruling | None:
        """The ruling on a version that is downloaded; None where either is missing."""
        return self.rulings.get(version) if self.home.version(version).is_dir() else None

    def current(self, version: str) -> bool:
        """Whether the ruling is on the version that MLflow has under this number now. One REST call."""
        ruling = self.known(version)
        return ruling is not None and ruling.created == self.registry.version(self.ranker, version).created

    def examine(self, version: str) -> Ruling:
        """Judge a version: download it where it is not here yet, gate it, keep the ruling, tell MLflow.

        Raises RegistryError when it can't be downloaded, CannotJudge where this host lacks a snapshot of the
        catalogue: that is no fault of the version, and no verdict. What MLflow was not told is told later.
        """
        found = self.registry.version(self.ranker, version)
        before = self.rulings.get(version)
        fresh = before is None or before.created != found.created
        if fresh or not (self.home.version(version) / LOGGED_DIGEST).exists():
            self.fetch(version)
        subject = self._subject(version)
        self._must_have_snapshots(subject)
        with examined_apart(subject) as examined:
            verdict = examined.verdict
            ruling = self.rulings.judged(found.created, verdict)
            self.journal.decided(Event.VERDICT, verdict.reasons, version=version, outcome=verdict.result.word)
            self._keep_page(version, examined.page())  # after the ruling, which others wait for
        return self.tell(ruling)

    def _must_have_snapshots(self, subject: Subject) -> None:
        """That the snapshots of the catalogue are here which version and champion were trained with.

        What is missing is had from the registry.
        """
        for package in filter(None, (subject.package, subject.champion)):
            try:
                snapshot = read_manifest(package).snapshot
            except PackageError:
                continue  # that is the version's fault, and the gate says it
            try:
                self._fetch_snapshot(snapshot)
            except RegistryError as error:
                raise CannotJudge(
                    f"version {package.name} can't be judged here: this host lacks snapshot {snapshot} of "
                    f"the catalogue, and can't have it from MLflow: {error}; copy that folder into "
                    f"{subject.catalogues}, or train here"
                ) from error

    def _fetch_snapshot(self, snapshot: str) -> None:
        if not (self.home.catalogue / snapshot).is_dir():
            self.registry.download_snapshot(self.ranker, snapshot, self.home.catalogue, self.most, proven)

    def fetch(self, version: str) -> None:
        """Download a version's package, and its snapshot where that is to be had. Raises RegistryError."""
        self.registry.download(self.ranker, version, self.home.version(version))
        with suppress(RegistryError, PackageError):
            self._fetch_snapshot(read_manifest(self.home.version(version)).snapshot)
        # What an engine keeps beside a package is made here, never taken from where it came.
        shutil.rmtree(self.home.version(version) / "engine", ignore_errors=True)

    def _keep_page(self, version: str, page: str | None) -> None:
        if page is None:
            self.page(version).unlink(missing_ok=True)  # an earlier verdict's
        else:
            write_atomically(self.page(version), page.encode())

    def page(self, version: str) -> Path:
        """The verdict for people, as one HTML page."""
        return self.rulings.folder / f"{version}.html"

    def _subject(self, version: str) -> Subject:
        champion = self._champion()
        against = champion if champion != version else None
        return Subject(
            ranker=self.ranker,
            version=version,
            package=self.home.version(version),
            catalogues=self.home.catalogue,
            declaration=self.declaration,
            champion=None if against is None else self.home.version(against),
            log=self.home.log,
            now=self.clock(),
        )

    def _champion(self) -> str | None:
        try:
            state = read_state(self.home.state)
        except StateError:
            return None
        return None if state is None else state.champion

    def tell(self, ruling: Ruling) -> Ruling:
        """Write the verdict to MLflow as tags and a page; a failure is left for the next call."""
        verdict = ruling.verdict
        try:
            tags = {"ballast.reasons": verdict.reasons, "ballast.gate": verdict.result.word}
            if ruling.override is not None:
                tags["ballast.override"] = ruling.override_line
            self.registry.set_tags(self.ranker, verdict.version, tags)
            self._attach(ruling)
        except RegistryError as error:
            logger.warning("MLflow was not told the verdict on version %s: %s", verdict.version, error)
            return ruling
        return self.rulings.told(ruling)

    def _attach(self, ruling: Ruling) -> None:
        page = self.page(ruling.verdict.version)
        if page.is_file():
            self.registry.attach(self.ranker, ruling.verdict.version, page, "gate")
