"""The HTTP API of one Ranker worker: which path does what."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path

import orjson

from bentos.decisions.decider import Decider
from bentos.decisions.parts import Scoring
from bentos.home.state import Home
from bentos.http.admission import Admission
from bentos.http.asgi import HTML, Answer, App, Request, Routes
from bentos.http.docs_page import page
from bentos.http.feedback import FeedbackEndpoint
from bentos.http.forward import elsewhere
from bentos.http.openapi import document
from bentos.http.put_experiments import ExperimentsEndpoint
from bentos.http.status import status
from bentos.settings import Settings
from bentos.wire.problems import RETRY_AFTER, Problem
from bentos.worker.follower import Follower
from models.serving.table_reach import TableReach
from monitoring.log.index import DecisionIndex
from monitoring.log.room import sentence, why_no_room
from monitoring.log.segments import LogUnavailable, SegmentWriter
from monitoring.metrics import Metrics

logger = logging.getLogger(__name__)

OVERLOADED = Problem(
    429,
    "overloaded: this worker has more requests than it can answer soon; come back in a second",
    headers=RETRY_AFTER,
)


class Api:
    """Everything one worker answers with, and the ASGI application over it."""

    def __init__(self, settings: Settings, follower: Follower, scoring: Scoring, metrics: Metrics) -> None:
        home = Home(settings.ranker_home, settings.ranker)
        self._settings = settings
        self._follower = follower
        self._decisions = SegmentWriter(home.log / "decisions", "ranker")
        self._outcomes = SegmentWriter(home.log / "outcomes", "ranker")
        self._decider = Decider(follower, scoring, self._decisions, metrics)
        index = DecisionIndex(home.log / "decisions")
        self._feedback = FeedbackEndpoint(index, self._outcomes, metrics, self._reach)
        self._no_log: str | None = None
        self._changes = ExperimentsEndpoint(settings)
        self.admission = Admission()
        routes = self._routes()
        self.paths: Collection[str] = frozenset(routes)
        self.app = App(routes, metrics.refused, elsewhere(home))

    def _routes(self) -> Routes:
        return {
            "/rank": {"POST": self._rank},
            "/feedback": {"POST": self._take},
            "/status": {"GET": self._status},
            "/experiments": {"GET": self._experiments, "PUT": self._changes.put},
            "/docs": {"GET": self._docs},
            "/docs.json": {"GET": self._openapi},
            "/": {"GET": self._docs},
        }

    def _reach(self) -> TableReach:
        serving = self._follower.current
        return TableReach() if serving is None else serving.reach

    def tell_clients(self, problems: Sequence[str]) -> None:
        """Have every answer from now on say what its client should know."""
        self._decider.problems = problems

    def why_no_log(self) -> str | None:
        """Why no decision can be recorded now, found out by trying; None where one can. Takes 0.1 ms."""
        folder = Home(self._settings.ranker_home).log / "decisions"
        found = why_no_room(folder)
        try:
            self._decisions.try_again()
        except LogUnavailable as error:
            found = found or sentence(folder, OSError(error.errno, os.strerror(error.errno or 0)))
        if (found is None) != (self._no_log is None):
            logger.error("%s", found or f"the log in {folder} can be written again")
        self._no_log = found
        return found

    def close(self) -> None:
        """Send the open segments to the disk."""
        self._decisions.close()
        self._outcomes.close()

    async def answer(self, body: bytes) -> Answer:
        """The answer to a `/rank` body that was admitted, or its problem."""
        return await self.app.answered("/rank", self._ranked(body))

    def refusal(self) -> Answer:
        """The answer to a `/rank` that was not admitted."""
        return self.app.refusal("/rank", OVERLOADED)

    async def _ranked(self, body: bytes) -> Answer:
        return Answer(await self._decider.rank(body))

    async def _rank(self, request: Request) -> Answer:
        entered = self.admission.enter()
        if entered is None:
            raise OVERLOADED
        try:
            return await self._ranked(request.body)
        finally:
            self.admission.leave(entered)

    async def _take(self, request: Request) -> Answer:
        return Answer(await self._feedback.take(request.body))

    async def _status(self, _: Request) -> Answer:
        found = await asyncio.to_thread(status, self._settings, self._follower, self.why_no_log)
        return Answer(orjson.dumps(found, option=orjson.OPT_INDENT_2))

    async def _experiments(self, _: Request) -> Answer:
        serving = self._follower.current
        if serving is None:
            return Answer(b"null")
        live = orjson.Fragment(serving.live.to_json())
        text = await asyncio.to_thread(_text, self._settings.experiments)
        rollouts = await asyncio.to_thread(_text, Home(self._settings.ranker_home).rollouts)
        found = {
            "epoch": serving.state.epoch,
            "digest": serving.state.experiments,
            "live": live,
            "text": text,
            "rollouts": orjson.Fragment(rollouts or "{}"),
        }
        return Answer(orjson.dumps(found))

    async def _docs(self, _: Request) -> Answer:
        example = '{"unit": "someone", "candidates": ["an item", "another"]}'
        return Answer(page(self._settings.ranker_name, example).encode(), media_type=HTML)

    async def _openapi(self, _: Request) -> Answer:
        return Answer(orjson.dumps(document(self._settings.ranker_name)))


def _text(file: Path) -> str | None:
    """A file as it is, None where it can't be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
