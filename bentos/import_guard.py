"""Nothing below the home is ever imported: what lies there came from a registry, or was written by a process.

The home lies in the project's own folder by default, which Python searches for modules. A finder before
Python's own refuses whatever would be found below it, also through links.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class HomeImportError(ImportError):
    """A module below the home: its code is nobody's to run."""


class ImportGuard:
    """A finder of modules that finds none, and raises for those below `home`."""

    def __init__(self, home: Path, code: Sequence[Path] = ()) -> None:
        self.home = home.resolve()
        inside = (each.resolve() for each in (*code, Path(sys.prefix), Path(sys.base_prefix)))
        self._code = [each for each in inside if each.is_relative_to(self.home)]  # a home around the project
        self._below: dict[str, bool] = {}  # by an entry of the search path

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None, for Python to go on with. Raises HomeImportError for what it would find below the home."""
        if not any(self._leads_below(entry) for entry in (sys.path if path is None else path)):
            return None
        found = PathFinder.find_spec(name, path, target)
        places = [] if found is None else [found.origin, *(found.submodule_search_locations or ())]
        for place in places:
            if place is not None and self._is_below(Path(place).resolve()):
                raise HomeImportError(f"{name}: {place} lies below {self.home}: nothing there is imported")
        return None

    def _is_below(self, place: Path) -> bool:
        return place.is_relative_to(self.home) and not any(place.is_relative_to(each) for each in self._code)

    def _leads_below(self, entry: str) -> bool:
        """Whether a module directly in this folder could lie below the home, or be the home."""
        if entry not in self._below:
            real = Path(entry).resolve()
            self._below[entry] = self.home.is_relative_to(real) or real.is_relative_to(self.home)
        return self._below[entry]


def close(home: Path, code: Path) -> None:
    """From here on nothing below `home` can be imported by this process; once for each home.

    `code` is the project's folder, for a home that has the project itself inside.
    """
    guards = [each for each in sys.meta_path if isinstance(each, ImportGuard)]
    if all(each.home != home.resolve() for each in guards):
        sys.meta_path.insert(0, ImportGuard(home, [code]))
