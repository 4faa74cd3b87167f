"""`POST /feedback`: outcomes, checked against the decision they belong to and appended to the log."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence, Set

import orjson

from bentos.wire.messages import AHEAD, Feedback, decode, event_time
from bentos.wire.problems import RETRY_AFTER, Problem, invalid
from models.serving.table_reach import TableReach
from monitoring.log.index import DecisionIndex
from monitoring.log.record import Decision, Outcome, encode_outcomes
from monitoring.log.segments import LogUnavailable, SegmentWriter
from monitoring.metrics import Metrics


class FeedbackEndpoint:
    """Records `/feedback` bodies. The same outcome sent twice is written twice and read once.

    `reach` says which outcomes may be meant, as of the versions that serve now.
    """

    def __init__(
        self,
        index: DecisionIndex,
        log: SegmentWriter,
        metrics: Metrics,
        reach: Callable[[], TableReach] = TableReach,
    ) -> None:
        self._index = index
        self._reach = reach
        self._log = log
        self._metrics = metrics

    async def take(self, body: bytes) -> bytes:
        """Record one feedback.

        Raises:
            Problem: 400 or 422 for what the client sent, 404 for an unknown request, 503 when nothing can
                be recorded.
        """
        feedback: Feedback = decode(body, Feedback)
        now = time.time()
        when = event_time(feedback.time, now)
        decision = await asyncio.to_thread(self._index.find, feedback.request_id)
        if decision is None:
            raise Problem(
                404,
                f"request_id: {feedback.request_id!r}: feedback follows its decision, and the log has none",
                field="request_id",
                value=feedback.request_id,
                rule="a request that /rank has answered",
            )
        every = [decision]
        if when < decision.time - AHEAD:  # an id that was used before has an earlier decision too
            every = await asyncio.to_thread(self._index.find_all, feedback.request_id)
        if when < min(each.time for each in every or [decision]) - AHEAD:
            self._metrics.outcome_refused("time")
            raise invalid("time", feedback.time, "not before the decision that it is about")
        candidates, reduced = _offered([decision])
        if not reduced and any(one.item not in candidates for one in feedback.outcomes):
            every = await asyncio.to_thread(self._index.find_all, feedback.request_id)
            candidates, reduced = _offered([decision, *every])
        _check_items(feedback, candidates, reduced)
        self._check_values(feedback)
        lines = encode_outcomes(
            Outcome(request_id=feedback.request_id, item=one.item, value=one.value, time=when, received=now)
            for one in feedback.outcomes
        )
        try:
            self._log.append(lines)
        except LogUnavailable as error:
            self._metrics.log_failed("outcome")
            why = os.strerror(error.errno or 0)
            raise Problem(503, f"outcome log: {why}", headers=RETRY_AFTER) from error
        self._metrics.fed_back(len(feedback.outcomes))
        return orjson.dumps({"request_id": feedback.request_id, "accepted": len(feedback.outcomes)})

    def _check_values(self, feedback: Feedback) -> None:
        """Refuse an outcome that can't be meant: one such value would weigh more than all others."""
        reach = self._reach()
        for place, outcome in enumerate(feedback.outcomes):
            if not reach.holds(outcome.value):
                self._metrics.outcome_refused("value")
                raise invalid(f"outcomes[{place}].value", outcome.value, reach.rule)


def _offered(decisions: Sequence[Decision]) -> tuple[set[object], bool]:
    """The candidates of all records of one id, and whether one of them does not have all of its own."""
    candidates: set[object] = {item for decision in decisions for item in decision.candidates}
    return candidates, any(decision.digest is not None for decision in decisions)


def _check_items(feedback: Feedback, candidates: Set[object], reduced: bool) -> None:
    """Refuse an item that was no candidate of the request, or that has two outcomes."""
    seen = set()
    for place, outcome in enumerate(feedback.outcomes):
        if outcome.item not in candidates and not reduced:
            raise invalid(
                f"outcomes[{place}].item", outcome.item, "a candidate of that request, as it was sent"
            )
        if outcome.item in seen:
            raise invalid(f"outcomes[{place}].item", outcome.item, "each item once")
        seen.add(outcome.item)
