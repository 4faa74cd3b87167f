"""What the Steward follows: the registry's aliases, live.yaml, the current catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from bentos.home.live_files import LiveFileError, keep_live, live_under
from bentos.home.rollouts import as_served
from bentos.home.state import FileWatch, Home
from bentos.home.steward_report import ExperimentsReport, FileProblem, RegistryReport
from bentos.home.stops import Stop
from experiments.config.check import load
from experiments.config.live import Live
from experiments.config.problems import ConfigError
from models.registry import Registry, RegistryError

NONE: Mapping[str, Stop] = {}


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


class CatalogueFile:
    """The catalogue snapshot to serve: the one that `catalogue/current` names, where it can be served.

    One that the guard stopped is replaced by the newest other that suits. Where there is none, `distrusted`
    says why the one that is served must not be read.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._judged: dict[tuple[str, ...], str | None] = {}
        self.problems: list[str] = []
        self.distrusted = ""
        self.refused: tuple[str, str] | None = None
        """The current snapshot, and why its columns are not those that are served."""

    def snapshot(
        self,
        served: str | None,
        packages: list[Path],
        stopped: Mapping[str, Stop] = NONE,
        accepted: Set[str] = frozenset(),
    ) -> str | None:
        """The current snapshot, or `served` where that does not suit every package; None if neither.

        What was found out about a snapshot is kept: snapshots never change. `accepted` ones are not compared
        with the one that is served: a person has answered for them.
        """
        self.refused = None
        named, self.distrusted = self._named(), ""
        if named is None:
            self.problems = [] if served else ["catalogue: there is no snapshot yet"]
            return self._trusted(served, packages, stopped)
        why = f"the guard stopped it: {stopped[named].why}" if named in stopped else None
        why = why or self._unsuitable(named, packages)
        if why is None and served not in (None, named) and named not in accepted:
            why = self._compared(named, str(served), packages)
            self.refused = None if why is None else (named, why)
        self.problems = [] if why is None else [f"catalogue: snapshot {named} stays out: {why}"]
        return named if why is None else self._trusted(served, packages, stopped)

    def _trusted(self, served: str | None, packages: list[Path], stopped: Mapping[str, Stop]) -> str | None:
        if served is None or served not in stopped:
            return served
        folders = [path.parent for path in self._home.catalogue.glob("[!.]*/meta.json")]
        newest = sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)
        for other in (path.name for path in newest):
            if other not in stopped and self._unsuitable(other, packages) is None:
                return other
        self.distrusted = stopped[served].why
        return served

    def _compared(self, snapshot: str, served: str, packages: list[Path]) -> str | None:
        from bentos.control.snapshot_check import why_not
        from models.catalogue.catalogue import Catalogue, CatalogueError

        key = (snapshot, served, *map(str, packages))
        if key not in self._judged:
            try:
                before = Catalogue.open(self._home.catalogue / served)
            except CatalogueError:
                return None  # there is nothing to compare with
            self._judged[key] = why_not(Catalogue.open(self._home.catalogue / snapshot), before, packages)
        return self._judged[key]

    def _unsuitable(self, snapshot: str, packages: list[Path]) -> str | None:
        key = (snapshot, *map(str, packages))
        if key not in self._judged:
            self._judged[key] = _unsuitable(self._home.catalogue / snapshot, packages)
        return self._judged[key]

    def _named(self) -> str | None:
        try:
            return (self._home.catalogue / "current").read_text().strip() or None
        except FileNotFoundError:
            return None


def _unsuitable(folder: Path, packages: list[Path]) -> str | None:
    """Why a snapshot can't be served to these versions, or None."""
    from models.catalogue.catalogue import Catalogue, CatalogueError
    from models.declaration.declaration import Declaration

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
