"""Whether a version may serve: by its ruling; one without is examined, in a thread, one at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Set
from concurrent.futures import Executor
from typing import NamedTuple

from bentos.control.promotion.eligibility import UNDER_EXAMINATION, Eligibility, allowed, refused
from bentos.control.promotion.examiner import CannotJudge, Examiner
from bentos.home.rulings import Ruling
from bentos.home.state import FileWatch
from bentos.home.steward_report import RulingReport
from bentos.home.stops import Stops
from models.registry import RegistryError

logger = logging.getLogger(__name__)

RETRY_HERE = 30.0  # seconds until a host looks again whether it has what a judgement needs; it downloads anew
RETRY = 5.0  # seconds until an examination that could not be made is tried again


class _Failure(NamedTuple):
    """An examination that could not be made, at a time of the clock."""

    time: float
    why: str
    pause: float = RETRY


class Examinations:
    """Answers at once whether a version may serve; examining runs in `pool`, never in the caller's thread."""

    def __init__(self, examiner: Examiner, pool: Executor, clock: Callable[[], float] = time.time) -> None:
        self.examiner = examiner
        self._pool = pool
        self._clock = clock
        self._lock = threading.Lock()
        self._examining: set[str] = set()
        self._failed: dict[str, _Failure] = {}
        self._rulings_changed = FileWatch(examiner.rulings.folder)
        self._overridden: dict[str, Ruling] = {}  # also those whose override has ended

    def eligibility(self, version: str, champion: str | None, proven: Set[str]) -> Eligibility:
        """Whether a version may serve; asks for its examination where it has no ruling yet.

        A ruling against another champion than the present one is made again, save for `proven` versions,
        which serve or have served: going back must not wait for, or depend on, a comparison.
        """
        ruling = self.examiner.known(version)
        same = ruling is not None and (version in proven or ruling.verdict.champion == champion)
        usable = ruling is not None and same and not ruling.anew
        if ruling is not None and usable:
            now = self._clock()
            return allowed(ruling.ground(now)) if ruling.serves(now) else refused(ruling.refusal(now))
        failure = self._failed.get(version)
        if failure is None or self._clock() - failure.time >= failure.pause:
            self._ask(version)
        return UNDER_EXAMINATION if failure is None else refused(failure.why)

    def ahead(self, ranker: str, champion: str) -> None:
        """Judge the newest registered version before anybody promotes it, so that a promotion is quick.

        Not while another one is judged: one that somebody promotes must not wait for all that were trained.
        """
        if self._examining:
            return
        newest = next(iter(self.examiner.registry.versions(ranker)), None)
        if newest is None or int(newest.number) <= int(champion) or newest.number in self._failed:
            return
        if self.examiner.known(newest.number) is None:
            self._ask(newest.number)

    def expired(self, versions: set[str]) -> set[str]:
        """Those that only served by an override which has ended."""
        rulings = {version: self.examiner.known(version) for version in versions}
        now = self._clock()
        return {
            each for each, ruling in rulings.items() if ruling and ruling.override and not ruling.serves(now)
        }

    def refusals(self, versions: Set[str]) -> dict[str, str]:
        """Why each of some versions with a ruling may not serve."""
        rulings = {version: self.examiner.known(version) for version in versions}
        return {version: ruling.refusal(self._clock()) for version, ruling in rulings.items() if ruling}

    def forget_replaced(self, versions: set[str]) -> None:
        """Drop rulings on versions whose number an emptied registry has given anew. A REST call each."""
        for version in versions:
            if self.examiner.known(version) and not self.examiner.current(version):
                self.examiner.rulings.drop(version)
                Stops.of(self.examiner.home).drop(version)  # it was about another version of this number

    def tell_pending(self, versions: set[str]) -> None:
        """Tell MLflow the rulings that it has not heard yet, and overrides of whatever version."""
        for version in (versions | self._overridden.keys()) - self._examining:
            ruling = self.examiner.known(version)
            if ruling is not None and not ruling.told:
                self._pool.submit(self.examiner.tell, ruling)

    def rulings(self, versions: set[str]) -> dict[str, RulingReport]:
        """The rulings on some versions and on overridden ones, for steward.json."""
        if self._rulings_changed.changed():
            kept = self.examiner.rulings.all()
            self._overridden = {each.verdict.version: each for each in kept if each.override is not None}
        rulings = {
            version: self.examiner.known(version) for version in sorted(versions | self._overridden.keys())
        }
        now = self._clock()
        return {version: ruling.report(now) for version, ruling in rulings.items() if ruling}

    @property
    def examining(self) -> tuple[str, ...]:
        """The versions under examination."""
        return tuple(sorted(self._examining))

    def _ask(self, version: str) -> None:
        with self._lock:
            if version in self._examining:
                return
            self._examining.add(version)
        self._pool.submit(self._examine, version)

    def _examine(self, version: str) -> None:
        try:
            self.examiner.examine(version)
            self._failed.pop(version, None)
        except CannotJudge as error:
            self._failed[version] = _Failure(self._clock(), str(error), RETRY_HERE)
        except Exception as error:
            if not isinstance(error, RegistryError):
                logger.exception("version %s could not be examined", version)
            self._failed[version] = _Failure(self._clock(), f"it can't be had: {error}")
        finally:
            self._examining.discard(version)
