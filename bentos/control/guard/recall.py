"""Explored decisions that wait for their outcomes when the Steward starts, read from the log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic
from typing import Any

from bentos.control.guard.outcomes import MOST, PendingDecision
from bentos.home.state import Home
from monitoring.log.known_outcomes import LATEST_FIRST, Wanted, read_decisions, told_of
from monitoring.log.observations import keys
from monitoring.log.version_name import VersionName
from monitoring.log.window import BOUNDED, window

logger = logging.getLogger(__name__)


AGAIN = 30.0  # seconds until what could not be recalled is tried again


@dataclass(frozen=True)
class _Reading:
    """A version's decisions after `since` are being read (`found`), or could not be (`why`, since `at`)."""

    version: str
    since: float | None
    found: Future[dict[str, PendingDecision]] | None = None
    why: str = ""
    at: float = 0.0


class Recall:
    """Reads the log in a thread of its own, so that the guard goes on looking meanwhile.

    What can't be read is read again every half a minute, until it can.
    """

    def __init__(self, home: Home, ranker: str, ticks: Callable[[], float] = monotonic) -> None:
        self._home = home
        self._ranker = ranker
        self._ticks = ticks
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._under_way: list[_Reading] = []
        self._failed: dict[str, _Reading] = {}  # by version

    def begin(self, version: str, since: float | None) -> None:
        """Recall a version's explored decisions made after `since` (event time, unix s; None: all)."""
        found = self._pool.submit(pending, self._home, self._ranker, version, since)
        self._under_way.append(_Reading(version, since, found))

    def done(self) -> Iterator[dict[str, PendingDecision]]:
        """What has been recalled since the last call; `failing` says what can't be read."""
        for each in [one for one in self._failed.values() if self._ticks() - one.at >= AGAIN]:
            if all(one.version != each.version for one in self._under_way):
                self.begin(each.version, each.since)
        for each in list(self._under_way):
            if each.found is not None and each.found.done():
                self._under_way.remove(each)
                yield from self._taken(each, each.found)

    def _taken(
        self, one: _Reading, found: Future[dict[str, PendingDecision]]
    ) -> Iterator[dict[str, PendingDecision]]:
        try:
            recalled = found.result()
        except Exception as error:
            if one.version not in self._failed:
                logger.exception("what waits for outcomes is not recalled")
            why = f"{type(error).__name__}: {error}"
            self._failed[one.version] = _Reading(one.version, one.since, why=why, at=self._ticks())
        else:
            self._failed.pop(one.version, None)
            yield recalled

    @property
    def failing(self) -> list[str]:
        """What could not be recalled yet, as sentences."""
        of = "explored answers from before the start are not recalled"
        return [f"version {each.version}: {of}: {each.why}" for each in self._failed.values()]

    @property
    def under_way(self) -> bool:
        """Whether something is being read, or has been and was not given yet."""
        return bool(self._under_way)

    @property
    def reading(self) -> bool:
        """Whether something is still being read."""
        return any(each.found is not None and not each.found.done() for each in self._under_way)


def pending(home: Home, ranker: str, version: str, since: float | None) -> dict[str, PendingDecision]:
    """Explored decisions of a version after `since`, by request, with the outcomes known so far.

    The latest 50,000. Raises RecordError for a log that is newer than this code.
    """
    if not (home.log / "decisions").is_dir():
        return {}
    wanted = Wanted(explored=True, by=VersionName(ranker, version), whole=True, order=LATEST_FIRST, most=MOST)
    with window(home.log, since, memory=BOUNDED) as log:
        rows: Iterable[Any] = read_decisions(log, wanted).itertuples()
    # What was made at `since` has counted: the window is half open the other way round.
    return {row.request_id: _pending(version, row) for row in rows if since is None or row.time > since}


def _pending(version: str, row: Any) -> PendingDecision:
    item = int if row.integer_ids else str
    scored = zip(row.slate, row.scores, strict=True)
    scores = {item(row.candidates[place]): float(score) for place, score in scored if score == score}  # noqa: PLR0124
    asked = keys(map(item, row.candidates), float(row.time), json.loads(row.context or "{}"))
    made = PendingDecision(version, float(row.time), scores, keys=asked)
    for name, (value, time) in told_of(row).items():
        made.take(item(name), time, value)
    return made
