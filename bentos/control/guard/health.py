"""What of the guard itself does not work: a guard that does not look is as bad as none, and is said.

The guard's thread tells, the control loop reads. Each part of a look works or fails by itself, and its
failure ends when it works again. A thread that is dead or hangs tells nothing, so its last look has an age.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from bentos.home.steward_report import GuardFailure

logger = logging.getLogger(__name__)

LOOK, THREAD = "look", "thread"
PROOFS, TAKE_UP = "proofs", "versions to watch"
RECORDS, ANSWERS, CONTEXT = "records", "answers", "context"
AGAIN, OUTCOMES = "scoring again", "outcomes"
EVIDENCE, ACTING, KEEPING = "evidence", "stops", "evidence on disk"
"""The parts of the guard; they are labels of a metric, so no text from elsewhere is among them."""

HANGS = 30.0  # seconds without a look after which the thread counts as dead; reading a package takes some


class GuardHealth:
    """Which parts of the guard fail, since when: `clock` gives unix seconds, `ticks` ones that never jump."""

    def __init__(
        self, clock: Callable[[], float] = time.time, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._ticks = clock, ticks
        self._failing: dict[str, GuardFailure] = {}
        self.looked()

    def looked(self) -> None:
        """A look has ended, well or not."""
        self._last, self._last_ticks = self._clock(), self._ticks()

    def tell(self, part: str, why: str = "") -> None:
        """A part fails for a reason, or works ("")."""
        if not why:
            self._failing.pop(part, None)
            return
        known = self._failing.get(part)
        self._failing[part] = GuardFailure(why, self._clock() if known is None else known.since)

    def works(self, part: str) -> bool:
        """Whether a part has not failed when it was last at work."""
        return part not in self._failing

    @contextmanager
    def step(self, part: str) -> Iterator[list[str]]:
        """Do a part's work: what it raises is told and logged once, and the next part's turn comes.

        A part that goes on after a failure appends to the list what does not work.
        """
        reasons: list[str] = []
        try:
            yield reasons
        except Exception as error:  # whatever one part runs into, the others go on looking
            why = f"{type(error).__name__}: {error}"
            if self.works(part) or self._failing[part].why != why:
                logger.exception("guard: %s", part)
            reasons.append(why)
        self.tell(part, "; ".join(reasons))

    def failures(self) -> Mapping[str, GuardFailure]:
        """By part: why it fails, and since when."""
        found = dict(self._failing)
        if THREAD not in found and self._ticks() - self._last_ticks > HANGS:
            at = datetime.fromtimestamp(self._last, UTC)
            found[THREAD] = GuardFailure(f"no look since {at:%H:%M:%S} UTC: it is dead or hangs", self._last)
        return found


def sentences(failures: Mapping[str, GuardFailure]) -> list[str]:
    """For /status."""
    return [f"guard: does not watch as it should: {part}: {each.why}" for part, each in failures.items()]
