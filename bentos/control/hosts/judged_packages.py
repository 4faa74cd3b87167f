"""The packages that a state names, as the leading host judged them: the same files here, or none.

Who leads tells the digest of each package's manifest, which has the digest of every file. A package that is
another here, or whose files this host's guard found damaged, is downloaded again, and compared before it
serves.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from bentos.control.guard.quantities import FILES
from bentos.home.state import Home
from bentos.home.stops import Stops
from models.package import MANIFEST, PackageError, sha256, verify_files
from models.registry import LOGGED_DIGEST, RegistryError

AGAIN = 60.0  # seconds between two downloads of one version


class JudgedPackages:
    """One host's. `download` fetches a version's package from the registry; `clock` gives unix seconds."""

    def __init__(
        self, home: Home, download: Callable[[str], object], clock: Callable[[], float] = time.time
    ) -> None:
        self._home, self._download, self._clock = home, download, clock
        self._tried: dict[str, float] = {}

    def digests(self, versions: Iterable[str]) -> dict[str, str]:
        """Of each version that is sound here, the digest of its manifest."""
        damaged, found = self._damaged(), {}
        for version in sorted(set(versions) - damaged):
            digest = self._digest(version)
            if digest is not None and self._logged(version) in {"", digest}:
                found[version] = digest
        return found

    def have(self, versions: Iterable[str], judged: Mapping[str, str]) -> None:
        """Have each version here, as it was `judged`. Raises RegistryError for one that can't be had so.

        One whose files are damaged here is had again when that is possible; until then it is as it is.
        """
        damaged = self._damaged()
        for version in sorted(set(versions)):
            if not self._home.version(version).is_dir() or self._differs(version, judged):
                self._fetch(version, judged)
            elif version in damaged:
                with suppress(RegistryError):
                    self._fetch(version, judged)
                    self._mended(version)

    def _damaged(self) -> set[str]:
        stops = Stops.of(self._home)
        found = {**stops.active("files"), **stops.active("version")}
        return {version for version, stop in found.items() if stop.quantity == FILES}

    def _differs(self, version: str, judged: Mapping[str, str]) -> bool:
        here = self._digest(version)
        return version in judged and here is not None and here != judged[version]

    def _fetch(self, version: str, judged: Mapping[str, str]) -> None:
        """Download it, unless that was done lately. Raises RegistryError for other files than judged."""
        if abs(self._clock() - self._tried.get(version, 0.0)) < AGAIN:
            raise RegistryError(
                f"version {version}: its files are not those that were judged; had again soon"
            )
        folder, before = self._home.version(version), self._digest(version)
        if folder.is_dir():  # what is not here at all is asked for at every look
            self._tried[version] = self._clock()
        self._download(version)
        if version not in judged:
            return
        if self._digest(version) != judged[version]:
            self._tried[version] = self._clock()
            if self._digest(version) != before:  # what served here until now stays
                shutil.rmtree(folder, ignore_errors=True)  # nobody is to load it
            raise RegistryError(
                f"version {version}: the registry has other files than the leading host judged: "
                "its manifest is not that one"
            )

    def _digest(self, version: str) -> str | None:
        """The digest of a version's manifest, sound or not; None where there is none."""
        try:
            return sha256(self._home.version(version) / MANIFEST)
        except OSError:
            return None

    def _logged(self, version: str) -> str:
        """The digest that training logged in the registry; "" where that is not known."""
        try:
            return (self._home.version(version) / LOGGED_DIGEST).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def _mended(self, version: str) -> None:
        """Take the stop off the record where every file is what it was judged to be."""
        with suppress(PackageError):
            verify_files(self._home.version(version))
            Stops.of(self._home).drop(version)
