"""One decision: assign → score → check → explore → record → answer."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence

import numpy as np

from bentos.decisions import fallback_order, recording, slates
from bentos.decisions.fallback_reason import for_clients
from bentos.decisions.parts import (
    Asked,
    Indexes,
    Made,
    Ranking,
    Scored,
    Scoring,
    ScoringFailed,
    best_first,
    split_known,
)
from bentos.wire.messages import event_time, rank_request
from bentos.wire.problems import RETRY_AFTER, Problem, invalid
from bentos.worker.follower import Follower
from bentos.worker.serving import LoadedVersion, Serving
from experiments.assignment.arms import Assignment
from experiments.assignment.assign import assign
from experiments.assignment.targeting import misdeclared
from models.catalogue.catalogue import Catalogue
from models.features import ContextError
from models.serving.batching import Overloaded
from monitoring.guard import sanity
from monitoring.log.record import Decision, encode
from monitoring.log.segments import LogUnavailable, SegmentWriter
from monitoring.metrics import Metrics


class Decider:
    """Turns `/rank` bodies into answers that are on record before they leave."""

    def __init__(self, follower: Follower, scoring: Scoring, log: SegmentWriter, metrics: Metrics) -> None:
        self._follower = follower
        self._scoring = scoring
        self._log = log
        self._metrics = metrics
        self.problems: Sequence[str] = ()
        """What clients should know of every answer now, in sentences."""

    async def rank(self, body: bytes) -> bytes:
        """Answer one request.

        Raises:
            Problem: 400 or 422 for what the client sent, 429 when overloaded, 503 when nothing can be
                served or recorded.
        """
        started = time.perf_counter()
        asked = self._ask(body, started)
        make = slates.interleaved if asked.assignment.interleave else slates.alone
        made = await make(asked, self._ranking)
        asked = made.asked  # another version may answer than the one that was asked for
        whole = recording.whole_record(made)
        if asked.assignment.compared:
            marked = await slates.marked(asked, made.ranking, whole.record, self._ranking)
            whole = whole._replace(record=marked)
        keep, candidates = asked.serving.live.record, asked.request.candidates
        self._record(whole.record if keep is None else recording.reduced_record(whole, keep, candidates))
        self._count(whole.record, made)
        return recording.answer_body(whole.record, made, self.problems)

    def _ask(self, body: bytes, started: float) -> Asked:
        """What is decided before scoring: who asks, for which arms, and which version answers."""
        serving = self._serving()
        request = rank_request(body, serving.catalogue)
        _check_attributes(serving, request.attributes)
        now = time.time()
        assignment = assign(serving.plan, request.unit, request.attributes, now)
        version, missing = _version(serving, assignment)
        request_id = request.request_id or os.urandom(16).hex()
        return Asked(
            request,
            request_id,
            now,
            event_time(request.time, now, serving.reach.first),
            serving,
            assignment,
            version,
            missing,
            started,
        )

    def _serving(self) -> Serving:
        if self._follower.current is None:
            raise Problem(503, for_clients(f"not ready: {self._follower.problem}"), headers=RETRY_AFTER)
        return self._follower.current

    async def _ranking(self, asked: Asked) -> tuple[Scored, Ranking]:
        """One version's order: by its scores, or the fallback order where they can't be had or believed."""
        if asked.version.stopped is not None:
            scored = _unscored(asked)
            return scored, _unranked(asked, scored, asked.version.stopped)
        try:
            scored = await self._scoring.score(asked.serving, asked.version, asked.request)
        except ContextError as error:
            field = f"context.{error.field}"
            raise Problem(422, str(error), field=field, value=error.value, rule=error.rule) from error
        except Overloaded as error:
            raise Problem(429, f"overloaded: {error}", headers=RETRY_AFTER) from error
        except ScoringFailed as error:
            scored = _unscored(asked)
            return scored, _unranked(asked, scored, str(error))
        wrong = sanity.check(scored.scores, asked.version.believable)
        if wrong is not None:
            self._metrics.unsound(asked.version.name, wrong)
            return scored, _unranked(asked, scored, wrong)
        return scored, Ranking(best_first(scored.scores), scored.scores, None)

    def _record(self, decision: Decision) -> None:
        try:
            self._log.append(encode(decision))
        except LogUnavailable as error:
            self._metrics.log_failed("decision")
            why = os.strerror(error.errno or 0)
            detail = f"decision log: {why}; nothing is answered that is not on record"
            raise Problem(503, detail, headers=RETRY_AFTER) from error

    def _count(self, decision: Decision, made: Made) -> None:
        asked = made.asked
        self._metrics.answered(
            model=decision.model,
            arms=[(arm.of.experiment, arm.of.variant) for arm in asked.assignment.arms],
            explored=decision.explored,
            fallback=decision.fallback,
            seconds=time.perf_counter() - asked.started,
            candidates=len(asked.request.candidates),
            unknown=len(made.scored.unknown),
        )


def _check_attributes(serving: Serving, attributes: Mapping[str, object]) -> None:
    """A number that is sent as text would be in nothing that asks for it, and in all that excludes it."""
    wrong = misdeclared(serving.plan.kinds, attributes)
    if wrong is not None:
        rule = f"must be a {serving.plan.kinds[wrong]}, as live.yaml declares, or null"
        raise invalid(f"attributes.{wrong}", attributes[wrong], rule)


def _version(serving: Serving, assignment: Assignment) -> tuple[LoadedVersion, str | None]:
    """The version that the arm names, or the champion with the reason why it is not that one."""
    found = serving.versions.get(assignment.model)
    if found is not None:
        return found, None
    return serving.champion, f"arm unavailable: {assignment.model} is not served, so the champion answers"


def _unscored(asked: Asked) -> Scored:
    """All known candidates, without scores."""
    if asked.serving.state.distrusted:  # the catalogue can't say who is unknown
        count = len(asked.request.candidates)
        return Scored(np.arange(count), np.empty(0, np.int64), np.full(count, np.nan))
    known, unknown = split_known(asked.version.catalogue.rows(asked.request.candidates))
    return Scored(known, unknown, np.full(len(known), np.nan))


def _unranked(asked: Asked, scored: Scored, reason: str) -> Ranking:
    """The declared fallback order, without scores; as the client sent them where that can't be had."""
    how, count = asked.serving.state.fallback, len(scored.known)
    try:
        places = fallback_order.order(how, *_known_rows(asked, scored), count)
    except LookupError as error:
        places, reason = np.arange(count), f"{reason}; as given, not by {how}: {error}"
    return Ranking(places, np.full(count, np.nan), for_clients(reason))


def _known_rows(asked: Asked, scored: Scored) -> tuple[Catalogue | None, Indexes | None]:
    """The catalogue and the known candidates' rows of it, where the declared order needs them."""
    state, catalogue = asked.serving.state, asked.version.catalogue
    if state.distrusted or state.fallback == fallback_order.AS_GIVEN:
        return None, None
    rows = catalogue.rows(asked.request.candidates)[scored.known]
    return (catalogue, rows) if (rows >= 0).all() else (None, None)
