"""Corrections of probabilities, kept up to date: refitted when they are due, in a thread; which may serve."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Set
from concurrent.futures import Executor
from pathlib import Path

from bentos.control.correction_refit import NotRefitted, refit_version
from bentos.home.corrections import FittedCorrection, KeptCorrection, keep, kept, serving
from bentos.home.journal import Event, Journal
from bentos.home.state import FileWatch, Home
from bentos.home.steward_report import CorrectionReport
from bentos.offline.correction_rows import latest
from models.declaration.declaration import Declaration, read
from models.declaration.refusal import DeclarationError
from models.declaration.sections import CorrectionSection
from monitoring.log.version_name import VersionName

logger = logging.getLogger(__name__)

LOOK = 60.0  # seconds between two looks for outcomes that have matured
REREAD = 1.0  # seconds between two looks for a dropped or damaged correction


class Corrector:
    """One ranker's corrections; nothing happens where the served ranker.toml, `declaration`, asks for none.

    Time is the log's own: that of its last decision, and never later than the clock's. So a replay of last
    year is followed as it passes, and in live traffic the two are the same.
    """

    def __init__(
        self,
        home: Home,
        declaration: Path,
        journal: Journal,
        pool: Executor,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._journal = journal
        self._pool = pool
        self._clock = clock
        self._file = declaration
        self._watch = FileWatch(declaration)
        self._declared: Declaration | None = None
        self._history: list[KeptCorrection] = []
        self._read = self._looked = 0.0
        self._busy = False
        self._said: dict[str, str] = {}
        self._misread = self._failed = ""

    def wanted(self) -> dict[str, str]:
        """Version number → digest of the correction that it is to serve with; empty without [correction]."""
        if self._section() is None:
            return {}
        now = self._clock()
        if abs(now - self._read) >= REREAD:
            self._read = now
            self._history = kept(self._home)
        return {version: each.digest for version, each in serving(self._history).items()}

    def look(self, ranker: str, versions: Set[str]) -> None:
        """Have served versions refitted that are due, one after the other in the pool; never waits."""
        if self._section() is None or self._busy or abs(self._clock() - self._looked) < LOOK:
            return
        self._looked = self._clock()
        self._busy = True
        self._pool.submit(self._refit_all, ranker, sorted(versions))

    def report(self) -> dict[str, CorrectionReport]:
        """For steward.json: what serves with which correction, and what came of the last refit."""
        if self._section() is None:
            return {}
        now = serving(self._history)
        last = {each.fitted.version: each for each in self._history}
        return {
            version: CorrectionReport(
                serving=now[version].digest if version in now else None,
                last=None if version not in last else last[version].digest,
                said=self._said.get(version, ""),
            )
            for version in sorted(last.keys() | self._said.keys())
        }

    @property
    def problems(self) -> list[str]:
        """What stands in the way, as sentences."""
        return [each for each in (self._misread, self._failed) if each]

    def _section(self) -> CorrectionSection | None:
        """[correction] of ranker.toml as it is now; what can't be read leaves it as it was, and is told."""
        if self._watch.changed():
            try:
                self._declared = read(self._file)
            except DeclarationError as error:
                self._misread = f"corrections: {error}"
            else:
                self._misread = ""
        return None if self._declared is None else self._declared.correction

    def _refit_all(self, ranker: str, versions: list[str]) -> None:
        try:
            last = latest(self._home, self._clock())
            for version in versions if last is not None else ():
                said = self.refit(ranker, version, float(last or 0))
                if said is not None:
                    self._said[version] = said
            self._failed = ""
        except Exception as error:  # what serves goes on serving, and the next look tries again
            logger.exception("corrections could not be refitted")
            self._failed = f"corrections: {type(error).__name__}: {error}"
        finally:
            self._busy = False

    def refit(self, ranker: str, version: str, now: float) -> str | None:
        """Refit one version's correction at `now` (the log's time): a sentence on what came of it.

        None where that is not due, or no longer declared.
        """
        section = self._section()
        if section is None:
            return None
        found = refit_version(self._home, VersionName(ranker, version), section, now, self._clock())
        if isinstance(found, FittedCorrection):
            return self._keep(found)
        if isinstance(found, NotRefitted) and found.refused:
            return self._refuse(version, found.why, {"version": version})
        return None if found is None else found.why

    def _keep(self, fitted: FittedCorrection) -> str:
        digest = keep(self._home, fitted)
        self._read = 0.0  # take it up with the next tick
        facts = {"version": fitted.version, "correction": digest, "before": fitted.before}
        judged = fitted.judged
        if not judged.passed:
            return self._refuse(fitted.version, "; ".join(judged.reasons), facts)
        why = f"log loss {judged.loss} against what served, on {judged.rows:,} later outcomes"
        self._journal.decided(Event.CORRECTION_PASSED, why, **facts)
        return f"passed: {why}"

    def _refuse(self, version: str, why: str, facts: dict[str, str | None]) -> str:
        """Journal a refusal, once while it lasts."""
        said = f"refused: {why}"
        if self._said.get(version) != said:
            self._journal.decided(Event.CORRECTION_REFUSED, why, **facts)
        return said
