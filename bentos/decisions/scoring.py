"""Where scores come from: this process, or the adaptive-batching Scorer. Both give identical answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bentos.decisions.parts import Scored, ScoringFailed, split_known
from bentos.wire.messages import RankRequest
from bentos.wire.score_jobs import JobResult, JobScores, ScoreJob
from bentos.worker.serving import LoadedVersion, Serving
from models.catalogue.catalogue import CatalogueError, Items
from models.catalogue.redis_catalogue import RedisCatalogue, link
from models.catalogue.redis_link import RedisUnavailable
from models.features import Context, ContextError, FeatureSpec, parse_context
from models.serving.batching import WAITING_ROWS, Coalescer, Overloaded

logger = logging.getLogger("bentos.decisions.scoring")

REMOTE_TIMEOUT = 2.0  # seconds


class Embedded:
    """Scores in this process; requests that wait while a thread scores go into its next call."""

    def __init__(self) -> None:
        self._coalescer = Coalescer()

    async def score(self, serving: Serving, version: LoadedVersion, request: RankRequest) -> Scored:
        """Score the candidates that the catalogue knows."""
        rows = version.catalogue.rows(request.candidates)
        known, unknown = split_known(rows)
        context = context_of(serving, version.engine.spec, request.context)
        if not len(known):
            return Scored(known, unknown, np.empty(0))
        asked = rows[known] if len(unknown) else rows
        return Scored(known, unknown, await _scores(self._coalescer, version, asked, context))


class FromRedis:
    """Items from Redis, scored in this process; while Redis is slow or gone, the fallback order."""

    def __init__(self, url: str) -> None:
        self._link = link(url)
        self._opened: dict[str, RedisCatalogue] = {}
        self._coalescer = Coalescer()
        self._rows = 0  # of all requests under way

    async def score(self, serving: Serving, version: LoadedVersion, request: RankRequest) -> Scored:
        """Fetch the candidates' features, and score those that Redis has."""
        context = context_of(serving, version.engine.spec, request.context)
        count = len(request.candidates)
        if self._rows and self._rows + count > WAITING_ROWS:
            raise Overloaded(f"{self._rows} candidates are being looked up: the limit is {WAITING_ROWS}")
        self._rows += count
        try:
            return await self._score(version, request, context)
        finally:
            self._rows -= count

    async def _score(self, version: LoadedVersion, request: RankRequest, context: Context) -> Scored:
        try:
            catalogue = await self._catalogue(version.catalogue.snapshot)
            items, rows = await catalogue.fetch(request.candidates)
        except (RedisUnavailable, CatalogueError) as error:
            raise ScoringFailed(f"catalogue unavailable: {error}") from error
        known, unknown = split_known(rows)
        if len(unknown):
            _refuse_lost(version, request, unknown)
        if not len(known):
            return Scored(known, unknown, np.empty(0))
        scores = await _scores(self._coalescer, version, rows[known], context, items)
        return Scored(known, unknown, scores)

    async def _catalogue(self, snapshot: str) -> RedisCatalogue:
        if snapshot not in self._opened:
            found = await RedisCatalogue.open(self._link, snapshot)
            self._opened = {**{name: self._opened[name] for name in list(self._opened)[-1:]}, snapshot: found}
        return self._opened[snapshot]


def _refuse_lost(version: LoadedVersion, request: RankRequest, unknown: NDArray[np.int64]) -> None:
    """Raises ScoringFailed where Redis lacks an item that the snapshot has: it is lost, not unknown."""
    catalogue = version.catalogue
    lost = unknown[catalogue.rows(request.candidates)[unknown] >= 0] if catalogue.size else unknown[:0]
    if len(lost):
        such = request.candidates[int(lost[0])]
        raise ScoringFailed(
            f"catalogue incomplete: Redis has lost {len(lost)} of these items of snapshot "
            f"{catalogue.snapshot}, such as {such!r}"
        )


class Remote:
    """Scores in the Scorer: ids travel, not features. Its answer is checked before it is believed.

    A Scorer with more work than it gets done gives no answer within `REMOTE_TIMEOUT`: that is a failure like
    any other, and the fallback order answers.
    """

    def __init__(self, call: Callable[[list[ScoreJob]], Awaitable[list[JobResult]]]) -> None:
        self._call = call

    async def score(self, serving: Serving, version: LoadedVersion, request: RankRequest) -> Scored:
        """Ask the Scorer for one request's scores."""
        job: ScoreJob = {
            "version": version.number,
            "snapshot": version.catalogue.snapshot,
            "ids": list(request.candidates),
            "context": request.context,
        }
        result = await self._ask(job)
        scores = result["scores"]
        if len(scores) != len(request.candidates):
            raise ScoringFailed(
                f"scorer unavailable: it gave {len(scores)} scores for {len(request.candidates)} candidates"
            )
        known, unknown = split_known(np.where(result["known"], 0, -1))
        return Scored(known, unknown, scores[known])

    async def _ask(self, job: ScoreJob) -> JobScores:
        try:
            async with asyncio.timeout(REMOTE_TIMEOUT):
                results = await self._call([job])
        except Exception as error:
            raise ScoringFailed(f"scorer unavailable: no answer, {type(error).__name__}") from error
        if len(results) != 1:
            raise ScoringFailed(f"scorer unavailable: it gave {len(results)} answers for one request")
        result = results[0]
        if "context" in result:
            raise ContextError(*result["context"])
        if "error" in result:
            raise ScoringFailed(f"scorer unavailable: {result['error']}")
        return result


async def _scores(
    coalescer: Coalescer,
    version: LoadedVersion,
    rows: NDArray[np.int64],
    context: Context,
    items: Items | None = None,
) -> NDArray[np.float64]:
    try:
        return await coalescer.score(version.engine, rows, context, items)
    except Overloaded:
        raise
    except Exception as error:  # a cross function of the ranker's owner may raise anything
        logger.exception("%s could not score %d candidates", version.name, len(rows))
        raise ScoringFailed(f"scoring failed: {type(error).__name__}") from error


def context_of(serving: Serving, spec: FeatureSpec, raw: dict[str, Any]) -> Context:
    """The request's context for one version; what only another served version knows is left out."""
    own = spec.context_fields
    if len(own) != len(serving.context_names):
        raw = {name: value for name, value in raw.items() if name in own or name not in serving.context_names}
    return parse_context(spec, raw)
