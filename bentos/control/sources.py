"""What people decide with, as the Steward sees it: the registry's aliases and live.yaml."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bentos.home.live_files import LiveFileError, keep_live, live_under
from bentos.home.rollouts import as_served
from bentos.home.state import FileWatch, Home
from bentos.home.steward_report import ExperimentsReport, FileProblem, RegistryReport
from experiments.config.check import load
from experiments.config.live import Live
from experiments.config.problems import ConfigError
from models.registry import Registry, RegistryError


@dataclass
class Aliases:
    """The registry's aliases of one ranker; `seen` is None until it was reached once."""

    ranker: str
    registry: Registry
    clock: Callable[[], float] = time.time
    seen: Mapping[str, str] | None = None
    error: str | None = None
    since: float = 0.0  # when it was lost or found; unix seconds, 0 before the first poll

    @property
    def reachable(self) -> bool:
        """Whether the last poll was answered."""
        return self.seen is not None and self.error is None

    def poll(self) -> None:
        """Ask once; a failure keeps what was seen before."""
        before = self.error is None if self.since else None
        try:
            self.seen, self.error = self.registry.aliases(self.ranker), None
        except RegistryError as error:
            self.error = str(error)
        if before is not (self.error is None):
            self.since = self.clock()

    def report(self) -> RegistryReport:
        """For steward.json."""
        return RegistryReport(self.registry.uri, self.reachable, self.since, self.error or None)


@dataclass
class LiveFile:
    """live.yaml: the last good one, kept compiled under its digest, and what is wrong with a newer one."""

    path: Path
    home: Home
    live: Live | None = None  # as it is served: with the rollouts as far as they have come
    file: Live | None = None  # as people wrote it
    problems: tuple[FileProblem, ...] = ()
    error: str | None = None
    _watch: FileWatch | None = None
    _rolled: FileWatch | None = None

    def restore(self, digest: str) -> None:
        """Take up the one that the state names, after a restart."""
        try:
            self.live = live_under(self.home, digest)
        except LiveFileError:
            self.live = None  # live.yaml itself is read next

    def poll(self) -> bool:
        """Read the file if it changed; True when it did. Two `stat`s otherwise."""
        self._watch = self._watch or FileWatch(self.path)
        self._rolled = self._rolled or FileWatch(self.home.rollouts)
        first = self.live is None and self.error is None
        edited = self._watch.changed() or first
        if edited:
            self._read()
        if self._rolled.changed() or edited:
            self._compile()
        return edited

    def _read(self) -> None:
        try:
            self.file = load(self.path)
        except ConfigError as error:
            self.error = str(error)
            self.problems = tuple(
                FileProblem(each.line, each.path, repr(each.value), each.rule) for each in error.problems
            )
        else:
            self.error, self.problems = None, ()

    def _compile(self) -> None:
        if self.file is not None:
            live = as_served(self.home, self.file)
            keep_live(self.home, live)
            self.live = live

    def report(self) -> ExperimentsReport:
        """For steward.json."""
        return ExperimentsReport(str(self.path), self.digest, self.problems)

    @property
    def digest(self) -> str:
        """Digest of the last good one, "" before the first."""
        return "" if self.live is None else self.live.digest
