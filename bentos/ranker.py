"""The front service: HTTP in, decision out. `bentoml serve` starts it with the Scorer and the Steward."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from pathlib import Path

import bentoml
from uvicorn.config import HTTP_PROTOCOLS

from bentos.decisions.parts import Scoring
from bentos.decisions.scoring import Embedded, FromRedis, Remote
from bentos.home.drift_alarms import read_look
from bentos.home.state import Home
from bentos.home.steward_report import StewardReport, last_word
from bentos.home.workers import BEAT, beat
from bentos.http.api import Api
from bentos.http.asgi import Receive, Scope, Send
from bentos.http.doors import Doors
from bentos.http.fast_protocol import RankProtocol
from bentos.http.server import share
from bentos.parentage import end_with_parent
from bentos.scorer import Scorer
from bentos.settings import settings
from bentos.steward import Steward
from bentos.supervision import keep_private, shared_folder
from bentos.wire.score_jobs import JobResult, ScoreJob
from bentos.worker.follower import Follower
from bentos.worker.hung import Hung, steward
from bentos.worker.mapped_files import Mapped
from monitoring.log.sums import trouble
from monitoring.metric_files import retire_dead, take_room
from monitoring.metrics import Metrics

logger = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for a state that can be loaded, before a new worker takes requests


class _Mount:
    """The application that BentoML mounts before a worker has anything to answer with."""

    api: Api | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.api is None:
            return
        await self.api.app(scope, receive, send)


take_room()
keep_private()
end_with_parent()  # this module is what each of BentoML's workers imports
share(shared_folder(), settings().workers)
mount = _Mount()
HTTP_PROTOCOLS["auto"] = (
    "bentos.http.fast_protocol:RankProtocol"  # BentoML has no setting for uvicorn's protocol
)


@bentoml.service(
    name="ranker",
    workers=settings().workers,
    http={"host": settings().host, "port": settings().port},  # where the command line names none
    tracing={"excluded_urls": ".*"},  # 0.35 ms a request
    logging={"access": {"enabled": False}},  # the decision log says more
    runner_probe={"enabled": False},  # whether this worker is ready is no matter of the other services
)
@bentoml.asgi_app(mount, path="/")
class Ranker:
    """Routes, follows the state, answers."""

    scorer = bentoml.depends(Scorer)
    steward = bentoml.depends(Steward)

    def __init__(self) -> None:
        self._metrics = Metrics()
        home = Home(settings().ranker_home, settings().ranker)
        self._home = home
        self._follower = Follower(home, "ranker", mapped=Mapped(home), of=settings().workers)
        self._telling: list[asyncio.Task[None]] = []
        self._api = Api(settings(), self._follower, self._scoring(), self._metrics)
        RankProtocol.doors = Doors.of(settings().host, settings().host_names)
        RankProtocol.idle = settings().idle_seconds
        mount.api = RankProtocol.application = self._api

    async def __is_ready__(self) -> bool:
        """Ready once a version serves and the log takes records; until then it stays up and says why not.

        Of this worker alone: the Scorer and the Steward have no part in it.
        """
        return self._follower.current is not None and await asyncio.to_thread(self._api.why_no_log) is None

    async def __is_alive__(self) -> bool:
        """Whether it follows the state; an event loop that hangs doesn't answer, which says it too."""
        return self._follower.running

    @bentoml.on_startup  # type: ignore[untyped-decorator]
    async def follow(self) -> None:
        """Load what is to be served, and keep following."""
        await asyncio.to_thread(self._follower.start, PATIENCE)
        self._telling = [asyncio.create_task(self._tell()), asyncio.create_task(self._beat())]

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def unfollow(self) -> None:
        """Stop following; what is on record reaches the disk."""
        self._metrics.settle()
        self._follower.stop()
        self._api.close()

    def _scoring(self) -> Scoring:
        if settings().runner == "remote":
            return Remote(self._score_remotely)
        redis = settings().redis
        return Embedded() if redis is None else FromRedis(redis)

    async def _score_remotely(self, jobs: list[ScoreJob]) -> list[JobResult]:
        """The client's methods exist only once the service runs."""
        results: list[JobResult] = await self.scorer.to_async.score(jobs)
        return results

    def _tell_served(self) -> None:
        """In a call of its own: what serves is not to be held between two of them."""
        serving = self._follower.current
        if serving is not None:
            self._metrics.live({(arm.experiment, arm.variant) for arm in serving.plan.arms})
        self._metrics.settle()
        if serving is not None:
            self._metrics.state(serving.state.epoch, time.time() - serving.catalogue.created)

    async def _beat(self) -> None:
        """Give a sign of life as long as the event loop turns, and replace a Steward that gives none."""
        watched = Hung(steward(self._home, settings().hang_seconds))
        while True:
            beat(self._home)
            try:
                await asyncio.to_thread(watched.look)
            except Exception:  # a report that can't be read: others say so
                logger.exception("the Steward was not looked at")
            await asyncio.sleep(BEAT)

    async def _tell(self) -> None:
        """Keep the gauges current; what one turn runs into, the next one tries again."""
        while True:
            try:
                await self._tell_once()
            except Exception:
                logger.exception("the gauges were not brought up to date")
            await asyncio.sleep(2)

    async def _tell_once(self) -> None:
        home = self._home
        self._tell_served()
        found = (await asyncio.to_thread(last_word, home, time.time())).report or StewardReport()
        if found.registry is not None:
            self._metrics.registry(found.registry.reachable, found.time)
        self._metrics.rollouts({name: each.stopped is not None for name, each in found.rollouts.items()})
        look = await asyncio.to_thread(read_look, home)
        self._metrics.drift([each.kind for each in look.alarms], look.checked)
        stops = found.guard.values()
        self._metrics.guard(
            [[each.kind, each.subject, each.quantity, each.evidence, each.done] for each in stops]
        )
        self._metrics.guard_affected({each.subject: each.answers for each in stops if each.since})
        self._metrics.guard_failing(found.guard_failures)
        self._api.tell_clients(found.of_answers)
        self._metrics.log_writable(await asyncio.to_thread(self._api.why_no_log) is None)
        self._metrics.repeated_ids(found.repeats.total)
        self._metrics.log_damaged(len(await asyncio.to_thread(trouble, home.log)))
        await asyncio.to_thread(_retire_dead)


def _retire_dead() -> None:
    """Gauges of workers that were killed are not shown any more."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if shared:
        retire_dead(Path(shared))
