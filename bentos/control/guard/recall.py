"""Explored decisions that wait for their outcomes when the Steward starts, read from the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from bentos.control.guard.outcomes import MOST, PendingDecision
from bentos.home.state import Home
from monitoring.log.known_outcomes import LATEST_FIRST, Wanted, read_decisions, told_of
from monitoring.log.version_name import VersionName
from monitoring.log.window import BOUNDED, window

logger = logging.getLogger(__name__)


class Recall:
    """Reads the log in a thread of its own, so that the guard goes on looking meanwhile."""

    def __init__(self, home: Home, ranker: str) -> None:
        self._home = home
        self._ranker = ranker
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="recall")
        self._under_way: list[Future[dict[str, PendingDecision]]] = []

    def begin(self, version: str, since: float | None) -> None:
        """Recall a version's explored decisions made after `since` (event time, unix s; None: all)."""
        self._under_way.append(self._pool.submit(pending, self._home, self._ranker, version, since))

    def done(self) -> Iterator[dict[str, PendingDecision]]:
        """What has been recalled since the last call; what can't be read is logged, and gives nothing."""
        finished = [each for each in self._under_way if each.done()]
        self._under_way = [each for each in self._under_way if each not in finished]
        for each in finished:
            try:
                yield each.result()
            except Exception:
                logger.exception("what waits for outcomes is not recalled")

    @property
    def under_way(self) -> bool:
        """Whether something is still being read."""
        return bool(self._under_way)


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
    made = PendingDecision(version, float(row.time), scores)
    for name, (value, time) in told_of(row).items():
        made.take(item(name), time, value)
    return made
