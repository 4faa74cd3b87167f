"""The runner: an adaptive-batching service around the engine, for deployments that scale scoring apart."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import bentoml
import numpy as np

from bentos.decisions.parts import split_known
from bentos.decisions.scoring import context_of
from bentos.home.state import Home
from bentos.home.workers import BEAT, beat
from bentos.settings import settings
from bentos.wire.score_jobs import JobResult, JobScores, ScoreJob
from bentos.worker.follower import Follower
from bentos.worker.priority import process_behind
from bentos.worker.serving import LoadedVersion, Serving
from models.engine import Engine, Job
from models.features import ContextError

KEEP = 2  # epochs whose engines are held, so that a Ranker one swap behind or ahead still gets its scores


class _Prepared(NamedTuple):
    """A job of which everything but the scores is known."""

    place: int  # of its result
    engine: Engine
    job: Job | None  # None: the catalogue knows no candidate
    result: JobScores  # its scores are still to be filled in


class Scores:
    """Scores batches of jobs for the versions of the last epochs. One job's failure is its own."""

    def __init__(self) -> None:
        self._follower = Follower(Home(settings().ranker_home, settings().ranker), "scorer", self._keep)
        self._held: list[Serving] = []

    def start(self) -> None:
        """Load what there is and follow the state."""
        self._follower.start()

    def stop(self) -> None:
        """Stop following the state, if it was followed."""
        self._follower.stop()

    def batch(self, jobs: list[ScoreJob]) -> list[JobResult]:
        """One result per job, in order."""
        results: list[JobResult] = []
        by_engine: dict[int, list[_Prepared]] = {}
        for place, job in enumerate(jobs):
            try:
                prepared = self._prepare(place, job)
            except ContextError as error:
                results.append({"context": (error.field, error.value, error.rule)})
            except Exception as error:  # a job that can't be prepared must not fail its batch mates
                results.append({"error": str(error)})
            else:
                results.append(prepared.result)
                if prepared.job is not None:
                    by_engine.setdefault(id(prepared.engine), []).append(prepared)
        for together in by_engine.values():
            _score(together, results)
        return results

    def _keep(self, serving: Serving) -> None:
        self._held = [serving, *self._held][:KEEP]

    def _prepare(self, place: int, job: ScoreJob) -> _Prepared:
        serving, version = self._find(job["version"], job["snapshot"])
        rows = version.catalogue.rows(job["ids"])
        known, unknown = split_known(rows)
        context = context_of(serving, version.engine.spec, job["context"])
        result: JobScores = {"scores": np.full(len(rows), np.nan), "known": rows >= 0}
        if not len(known):
            return _Prepared(place, version.engine, None, result)
        return _Prepared(place, version.engine, Job(rows[known] if len(unknown) else rows, context), result)

    def _find(self, number: str, snapshot: str) -> tuple[Serving, LoadedVersion]:
        for attempt in range(2):
            for serving in self._held:
                for version in serving.versions.values():
                    if version.number == number and version.catalogue.snapshot == snapshot:
                        return serving, version
            if attempt == 0:
                self._follower.look()  # a Ranker may see a new state before this process does
        raise LookupError(f"version {number} on catalogue {snapshot} is not loaded")


def _score(together: list[_Prepared], results: list[JobResult]) -> None:
    """Fill in the results of jobs for one engine, by one call of it."""
    jobs = [prepared.job for prepared in together if prepared.job is not None]
    for prepared, scores in zip(together, together[0].engine.score_many(jobs), strict=True):
        if isinstance(scores, Exception):
            results[prepared.place] = {"error": str(scores)}
        else:
            prepared.result["scores"][prepared.result["known"]] = scores


async def _beat() -> None:
    """A sign of life as long as the event loop turns."""
    home = Home(settings().ranker_home)
    while True:
        beat(home)
        await asyncio.sleep(BEAT)


@bentoml.service(
    name="scorer",
    workers=1,
    traffic={"timeout": 10},
    # BentoML renews its callers' sessions every 100 requests and drops those in flight: never renew them.
    runner_connection={"max_requests": 10**9, "max_age": 1e9},
    tracing={"excluded_urls": ".*"},
    logging={"access": {"enabled": False}},
)
class Scorer:
    """`/score`: scores of many requests in one call of the engine."""

    def __init__(self) -> None:
        self._scores = Scores()
        self._beating: asyncio.Task[None] | None = None

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def follow(self) -> None:
        """Load what is to be served; where the Ranker scores itself, take neither core nor memory."""
        if settings().runner == "remote":
            await asyncio.to_thread(self._scores.start)
            self._beating = asyncio.create_task(_beat())
        else:
            process_behind()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def unfollow(self) -> None:
        """Stop following the state."""
        self._scores.stop()

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=2000)  # type: ignore[untyped-decorator]
    async def score(self, jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Score jobs (`ScoreJob`), each to its result (`JobResult`)."""
        given: list[Any] = jobs  # BentoML makes a model of what is annotated: it takes plain dicts only
        results: list[Any] = await asyncio.to_thread(self._scores.batch, given)
        return results
