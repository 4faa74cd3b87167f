"""Versions loaded on snapshots of the catalogue: the few that were needed last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from pathlib import Path

from models.catalogue.catalogue import Catalogue
from models.engine import Engine, load_engine
from models.package import verify_files

MOST = 6  # loaded at a time


class Engines:
    """Loads engines from `versions`, the folder of all packages, on snapshots below `catalogues`.

    `functions` gives the cross functions that may be imported.
    """

    def __init__(
        self, versions: Path, catalogues: Path, functions: Callable[[], Collection[str]] = frozenset
    ) -> None:
        self._versions = versions
        self._functions = functions
        self._catalogues = catalogues
        self._loaded: OrderedDict[tuple[str, str], tuple[Engine, Catalogue]] = OrderedDict()

    def get(self, version: str, snapshot: str) -> tuple[Engine, Catalogue]:
        """A version's engine on a snapshot, and that snapshot.

        Raises CatalogueError, EngineError, CrossError, and PackageError where the version's files are
        damaged: what they would score is not what it serves.
        """
        key = (version, snapshot)
        if key not in self._loaded:
            catalogue = Catalogue.open(self._catalogues / snapshot)
            verify_files(self._versions / version)
            engine = load_engine(self._versions / version, catalogue, self._functions())
            self._loaded[key] = engine, catalogue
            while len(self._loaded) > MOST:
                self._loaded.popitem(last=False)
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def forget(self, subject: str) -> None:
        """Load what is of a version or a snapshot anew when it is needed next: its files have changed."""
        for key in [key for key in self._loaded if subject in key]:
            del self._loaded[key]
