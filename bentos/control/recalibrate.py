"""Calibration that follows: refits corrections when they are due, in a thread, and says which may serve."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Set
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bentos.home.corrections import FittedCorrection, KeptCorrection, keep, kept, serving
from bentos.home.journal import Event, Journal
from bentos.home.state import FileWatch, Home
from bentos.home.steward_report import CorrectionReport
from bentos.offline.correction_rows import Matured, Span, latest, matured
from models.declaration.refusal import DeclarationError
from monitoring.calibration.calibration import TooLittleData
from monitoring.calibration.refit import refit

if TYPE_CHECKING:
    from models.declaration.declaration import Declaration
    from models.declaration.sections import CorrectionSection

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
            self._read, self._history = now, kept(self._home)
        return {version: each.digest for version, each in serving(self._history).items()}

    def look(self, ranker: str, versions: Set[str]) -> None:
        """Have served versions refitted that are due, one after the other in the pool; never waits."""
        if self._section() is None or self._busy or abs(self._clock() - self._looked) < LOOK:
            return
        self._looked, self._busy = self._clock(), True
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
            from models.declaration.declaration import read

            try:
                self._declared, self._misread = read(self._file), ""
            except DeclarationError as error:
                self._misread = f"corrections: {error}"
        return None if self._declared is None else self._declared.correction

    def _refit_all(self, ranker: str, versions: list[str]) -> None:
        try:
            last = latest(self._home, self._clock())
            for version in versions if last is not None else ():
                self._said[version] = self.refit(ranker, version, float(last or 0))
            self._failed = ""
        except Exception as error:  # what serves goes on serving, and the next look tries again
            logger.exception("corrections could not be refitted")
            self._failed = f"corrections: {type(error).__name__}: {error}"
        finally:
            self._busy = False

    def refit(self, ranker: str, version: str, now: float) -> str:
        """Refit one version's correction if that is due at `now` (the log's time). Says what came of it."""
        section = self._section()
        delay = None if section is None else self._delay(section, version)
        if section is None or delay is None:
            return "nobody said how long outcomes take: set correction.matured"
        history = kept(self._home, version)
        until, every = now - delay, section.seconds("every") or 0.0
        if history and until < history[-1].fitted.until + every:
            return self._said.get(version, "")
        since = until - (section.seconds("window") or 0.0)
        found = matured(self._home, ranker, version, Span(since, until, now))
        if found.differing:
            return self._refused(version, _differing(found))
        before = serving(history).get(version)
        applied = None if before is None else before.fitted.correction
        fitted = refit(found.rows, section.kind, applied, section.least, section.most)
        if isinstance(fitted, TooLittleData):
            return f"{fitted.reason}{_left_out(found)}"
        return self._keep(
            FittedCorrection(
                version=version,
                correction=fitted.correction,
                since=since,
                until=until,
                rows=fitted.rows,
                requests=fitted.requests,
                judged=fitted.judged,
                before=None if before is None else before.digest,
                made=self._clock(),
            )
        )

    def _delay(self, section: CorrectionSection, version: str) -> float | None:
        """Seconds after which a decision's outcomes count as complete: declared, else as training saw it."""
        from models.gate.subject import read_json

        declared = section.seconds("matured")
        if declared is not None:
            return declared
        seen = read_json(self._home.version(version) / "evaluation.json").get("matured_seconds")
        return None if seen is None else float(seen)

    def _keep(self, fitted: FittedCorrection) -> str:
        digest = keep(self._home, fitted)
        judged, facts = (
            fitted.judged,
            {"version": fitted.version, "correction": digest, "before": fitted.before},
        )
        self._read = 0.0  # take it up with the next tick
        if not judged.passed:
            return self._refused(fitted.version, "; ".join(judged.reasons), **facts)
        why = f"log loss {judged.loss} against what served, on {judged.rows:,} later outcomes"
        self._journal.decided(Event.CORRECTION_PASSED, why, **facts)
        return f"passed: {why}"

    def _refused(self, version: str, why: str, **facts: Any) -> str:
        if self._said.get(version) != f"refused: {why}":
            self._journal.decided(Event.CORRECTION_REFUSED, why, **({"version": version} | facts))
        return f"refused: {why}"


def _differing(found: Matured) -> str:
    return (
        f"{found.differing} of {found.decisions} explored decisions do not give again the scores they were "
        "served with: the package, the catalogue or a correction on disk is not what it was"
    )


def _left_out(found: Matured) -> str:
    if not found.skipped:
        return ""
    return "; left out: " + ", ".join(f"{count} decisions {why}" for why, count in found.skipped.items())
