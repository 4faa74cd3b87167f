"""What the Steward follows: the registry's aliases, live.yaml, the current catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bentos.control.courses import as_served
from bentos.state import FileWatch, Home, write_atomically
from experiments.config import Live, load
from experiments.problems import ConfigError
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

    def report(self) -> dict[str, Any]:
        """For steward.json."""
        found = {"uri": self.registry.uri, "reachable": self.reachable, "since": self.since}
        return found | ({"error": self.error} if self.error else {})


@dataclass
class LiveFile:
    """live.yaml: the last good one, kept compiled under its digest, and what is wrong with a newer one."""

    path: Path
    home: Home
    live: Live | None = None  # as it is served: with the rollouts as far as they have come
    file: Live | None = None  # as people wrote it
    problems: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    _watch: FileWatch | None = None
    _rolled: FileWatch | None = None

    def restore(self, digest: str) -> None:
        """Take up the one that the state names, after a restart."""
        try:
            self.live = Live.from_json(self.home.compiled(digest).read_bytes())
        except (FileNotFoundError, ValueError):
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
            self.problems = [
                {**problem._asdict(), "value": repr(problem.value)} for problem in error.problems
            ]
        else:
            self.error, self.problems = None, []

    def _compile(self) -> None:
        if self.file is not None:
            live = as_served(self.home, self.file)
            write_atomically(self.home.compiled(live.digest), live.to_json().encode())
            self.live = live

    @property
    def digest(self) -> str:
        """Digest of the last good one, "" before the first."""
        return "" if self.live is None else self.live.digest


class CatalogueFile:
    """The catalogue snapshot to serve: the one that `catalogue/current` names, where it can be served."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._judged: dict[tuple[str, ...], str | None] = {}
        self.problems: list[str] = []

    def snapshot(self, served: str | None, packages: list[Path]) -> str | None:
        """The current snapshot, or `served` where that does not suit every package; None if neither.

        What was found out about a snapshot is kept: snapshots never change.
        """
        named = self._named()
        if named is None:
            self.problems = [] if served else ["catalogue: there is no snapshot yet"]
            return served
        key = (named, *map(str, packages))
        if key not in self._judged:
            self._judged[key] = _unsuitable(self._home.catalogue / named, packages)
        why = self._judged[key]
        self.problems = [] if why is None else [f"catalogue: snapshot {named} stays out: {why}"]
        return named if why is None else served

    def _named(self) -> str | None:
        try:
            return (self._home.catalogue / "current").read_text().strip() or None
        except FileNotFoundError:
            return None


def _unsuitable(folder: Path, packages: list[Path]) -> str | None:
    """Why a snapshot can't be served to these versions, or None."""
    from models.catalogue import Catalogue, CatalogueError
    from models.declaration import Declaration

    try:
        catalogue = Catalogue.open(folder, verify=True)
    except (CatalogueError, OSError) as error:
        return str(error)
    for package in packages:
        spec = Declaration.from_json((package / "declaration.json").read_text()).spec
        lacking = {*spec.item_numeric} - {*catalogue.numeric_names}
        lacking |= {*spec.item_categorical} - {*catalogue.categorical_names}
        if lacking:
            return f"it lacks {', '.join(sorted(lacking))}, which version {package.name} needs"
    return None
