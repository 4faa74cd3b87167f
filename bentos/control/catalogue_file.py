"""The catalogue snapshot to serve: which one is current, and whether the served versions can rank from it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from pathlib import Path
from typing import NamedTuple

from bentos.control.snapshot_check import why_not
from bentos.home.state import Home
from bentos.home.stops import Stop
from models.catalogue.catalogue import Catalogue, CatalogueError
from models.package import PackageError, read_declaration, read_manifest

NONE: Mapping[str, Stop] = {}


class RefusedSnapshot(NamedTuple):
    """A new snapshot that stays out, and why."""

    snapshot: str
    why: str


class CatalogueFile:
    """The catalogue snapshot to serve: the one that `catalogue/current` names, where it can be served.

    Where there is no such file (nobody trains or publishes on this host) it is the champion's own, which came
    with it from the registry.

    One that the guard stopped is replaced by the newest other that suits. Where there is none, `distrusted`
    says why the one that is served must not be read. `refused` is the current one where its columns are not
    those that are served.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._judged: dict[tuple[str, ...], str | None] = {}
        self.problems: list[str] = []
        self.distrusted = ""
        self.refused: RefusedSnapshot | None = None

    def snapshot(
        self,
        served: str | None,
        packages: list[Path],
        stopped: Mapping[str, Stop] = NONE,
        accepted: Set[str] = frozenset(),
        champion: Path | None = None,
    ) -> str | None:
        """The current snapshot, or `served` where that does not suit every package; None if neither.

        What was found out about a snapshot is kept: snapshots never change. `accepted` ones are not compared
        with the one that is served: a person has answered for them. `champion` is the package whose own
        snapshot is served where none is named.
        """
        self.refused = None
        named, self.distrusted = self._named() or self._trained_with(champion), ""
        if named is None:
            self.problems = [] if served else ["catalogue: there is no snapshot yet"]
            return self._trusted(served, packages, stopped)
        why = f"the guard stopped it: {stopped[named].why}" if named in stopped else None
        why = why or self._unsuitable(named, packages)
        if why is None and served not in (None, named) and named not in accepted:
            why = self._compared(named, str(served), packages)
            self.refused = None if why is None else RefusedSnapshot(named, why)
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

    def _trained_with(self, package: Path | None) -> str | None:
        """The snapshot that a package was trained with, where it is here."""
        try:
            found = None if package is None else read_manifest(package).snapshot
        except PackageError:
            return None
        return found if found and (self._home.catalogue / found).is_dir() else None

    def _named(self) -> str | None:
        try:
            return self._home.current_catalogue.read_text().strip() or None
        except FileNotFoundError:
            return None


def _unsuitable(folder: Path, packages: list[Path]) -> str | None:
    """Why a snapshot can't be served to these versions, or None."""
    try:
        catalogue = Catalogue.open(folder, verify=True)
    except (CatalogueError, OSError) as error:
        return str(error)
    for package in packages:
        spec = read_declaration(package).spec
        lacking = {*spec.item_numeric} - {*catalogue.numeric_names}
        lacking |= {*spec.item_categorical} - {*catalogue.categorical_names}
        if lacking:
            return f"it lacks {', '.join(sorted(lacking))}, which version {package.name} needs"
    return None
