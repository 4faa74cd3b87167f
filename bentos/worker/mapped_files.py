"""The files that a worker has mapped: it stops reading one before anybody writes into it.

When somebody opens such a file for writing, the kernel makes them wait (`leases`). The worker stops using the
file for new requests, waits for the requests under way, and gives the lease back. Before the file is served
again, its digest is proven.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bentos.home.state import Home
from bentos.worker.leases import Leases
from bentos.worker.serving import Serving
from models.catalogue.catalogue import Catalogue, CatalogueError
from models.engine import KEPT


class Mapped:
    """One worker's mapped files, and the snapshots of which nobody knows whether they are whole."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._leases = Leases()
        self._doubted: set[Path] = set()

    def wanted(self) -> Path | None:
        """A file that somebody waits to write into; some microseconds where there is none."""
        return next(iter(self._leases.wanted()), None)

    def let_go(self) -> None:
        """Let who waits write; what reads the files is gone by now."""
        for path in self._leases.wanted():
            if path.parent.name == KEPT:
                path.unlink(missing_ok=True)  # the next load computes it again
            else:
                self._doubted.add(path.parent)
        self._leases.hold(())

    def prove(self, snapshot: str) -> None:
        """Read a snapshot that somebody may have written into, all of it, before it is served again.

        Raises BlockingIOError where one of its files is open for writing, CatalogueError where it is not what
        its name says.
        """
        folder, held = self._home.catalogue / snapshot, self._leases.files
        if folder not in self._doubted:
            return
        self._leases.hold(held.union(folder.glob("*.npy")))
        try:
            Catalogue.open(folder, verify=True)
        except CatalogueError:
            self._leases.hold(held)  # nobody is to wait before mending it
            raise
        self._doubted.discard(folder)

    def hold(self, serving: Serving) -> None:
        """Take leases on what `serving` has mapped. Raises as `prove` does."""
        self._leases.hold(self._files(serving))
        for folder in self._doubted & _snapshots(serving):  # a version's own, of its training
            Catalogue.open(folder, verify=True)
            self._doubted.discard(folder)

    def _files(self, serving: Serving) -> Iterator[Path]:
        for folder in _snapshots(serving):
            yield from folder.glob("*.npy")
        for number in {each.number for each in serving.versions.values() if each.stopped is None}:
            yield from (self._home.version(number) / KEPT).glob("table-*.npy")


def _snapshots(serving: Serving) -> set[Path]:
    return {catalogue.folder for catalogue in serving.catalogues() if catalogue.size}
