"""What the guard has stopped, as the loop, /status and MLflow are told."""

from __future__ import annotations

import logging
from concurrent.futures import Executor
from pathlib import Path

from bentos.control.guard.quantities import COLUMNS
from bentos.control.next_state import Restrictions
from bentos.home.state import FileWatch, Home
from bentos.home.steward_report import StopReport
from bentos.home.stops import Stop, Stops
from models.declaration.declaration import DeclarationError, read
from models.declaration.sections import GuardSection
from models.registry import Registry, RegistryError

logger = logging.getLogger(__name__)


class Breaker:
    """Reads the stops anew whenever one is written or cleared, and [guard] whenever ranker.toml is edited."""

    def __init__(self, home: Home, declaration: Path) -> None:
        self.stops = Stops.of(home)
        self.section = GuardSection()
        self.invariants: tuple[str, ...] = ()
        self.outcomes: tuple[float, float] | None = None
        self.error: str | None = None
        self._declaration = declaration
        self._edited = FileWatch(declaration)
        self._stopped = FileWatch(self.stops.folder)
        self._read: list[Stop] = []  # stops as they were at the last look
        self._telling: set[str] = set()

    def look(self) -> None:
        """Two `stat`s while nothing changes. Raises StateError for a file that is no stop."""
        if self._edited.changed():
            try:
                declared = read(self._declaration)
                self.section, self.invariants = declared.guard, declared.expect.invariants
                self.outcomes = declared.expect.outcomes
                self.error = None
            except DeclarationError as error:
                self.error = str(error)
        if self._stopped.changed():
            self._read = self.stops.all() if self.stops.folder.is_dir() else []

    def active(self, kind: str) -> dict[str, Stop]:
        """What stays out, by subject."""
        return {each.subject: each for each in self._read if each.kind == kind and each.cleared is None}

    def restrictions(self, served: set[str], distrusted: str) -> Restrictions:
        """The guard's part of the next state; `served` are the versions that would serve."""
        stopped = {subject: stop.why for subject, stop in self.active("version").items()}
        if self.section.when_shared == "fallback":
            for stop in self.active("shared").values():
                stopped = dict.fromkeys(served, f"a fault of all versions: {stop.why}") | stopped
        return Restrictions(stopped, distrusted, self.section.fallback, self.outcomes)

    def cleared(self, kind: str) -> set[str]:
        """Subjects of a kind that were stopped, and that a person has cleared since."""
        return {each.subject for each in self._read if each.kind == kind and each.cleared is not None}

    def refuse(self, refused: tuple[str, str] | None, served: str | None, now: float) -> bool:
        """Put a refused snapshot (id, why) on record; False where there is none, or it is there already."""
        if refused is None or refused[0] in self.active("snapshot"):
            return False
        snapshot, why = refused
        done = f"snapshot {served} keeps serving"
        self.stops.put(Stop("snapshot", snapshot, COLUMNS, why, done, now))
        return True

    def report(self) -> dict[str, StopReport]:
        """For steward.json: what is stopped, by subject."""
        return {each.subject: each.report() for each in self._read if each.cleared is None}

    def problems(self) -> list[str]:
        """Sentences for /status."""
        told = [
            f"guard: {each.subject}: {each.why}; {each.done}{each.affects and f'; {each.affects}'}"
            for each in self._read
            if not each.cleared
        ]
        return [*told, *([f"guard: {self.error}"] if self.error else [])]

    def tell(self, registry: Registry, ranker: str, pool: Executor) -> None:
        """Tag newly stopped and cleared versions in MLflow; in `pool`, so that no stop waits for it."""
        for stop in self._read:
            if stop.kind == "version" and not stop.told and stop.subject not in self._telling:
                self._telling.add(stop.subject)
                pool.submit(self._tell, registry, ranker, stop)

    def _tell(self, registry: Registry, ranker: str, stop: Stop) -> None:
        word = "stopped" if stop.cleared is None else "cleared"
        reasons = stop.why if stop.cleared is None else f"{stop.cleared.by}: {stop.cleared.reason}"
        try:
            registry.set_tags(ranker, stop.subject, {"ballast.guard_reasons": reasons, "ballast.guard": word})
        except RegistryError as error:
            logger.warning("MLflow was not told that version %s is %s: %s", stop.subject, word, error)
        else:
            self.stops.amend(stop, told=True)
        finally:
            self._telling.discard(stop.subject)
