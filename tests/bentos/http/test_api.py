"""The routes of a worker, over a real home: each answers with its part, and what is too much is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from bentos.decisions.scoring import Embedded
from bentos.home.state import Home
from bentos.http.api import OVERLOADED, Api
from bentos.settings import settings
from bentos.worker.follower import Follower
from monitoring.log.segments import is_closed
from monitoring.metrics import Metrics
from tests.bentos.files import LIVE
from tests.bentos.worker.states import put_live, put_state

BODY = {"unit": "u", "candidates": ["item-1", "item-2", "nowhere"], "context": {"hour": 20}}


class Worker:
    """The API of one worker, asked without a server."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.registry = CollectorRegistry()
        self.follower = Follower(home, "ranker")
        self.api = Api(settings(), self.follower, Embedded(), Metrics(self.registry))

    def ask(self, method: str, path: str, document: Any = None) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.api.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                return await http.request(method, path, json=document)

        return asyncio.run(run())

    def refused(self, route: str, status: int) -> float | None:
        labels = {"route": route, "status": str(status)}
        return self.registry.get_sample_value("ballast_refused_total", labels)


@pytest.fixture
def empty(deployed: Home) -> Iterator[Worker]:
    """Nothing is promoted yet."""
    worker = Worker(deployed)
    yield worker
    worker.api.close()


@pytest.fixture
def worker(empty: Worker) -> Worker:
    """Two versions serve under a live.yaml."""
    put_state(empty.home, 3, experiments=put_live(empty.home).digest)
    empty.follower.look()
    return empty


def test_a_request_and_what_came_of_it(worker: Worker) -> None:
    """`/rank` records what `/feedback` finds."""
    answer = worker.ask("POST", "/rank", BODY)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert sorted(answer.json()["items"]) == sorted(BODY["candidates"])
    outcomes = [{"item": "item-1", "value": 1.0}]
    fed = worker.ask("POST", "/feedback", {"request_id": answer.json()["request_id"], "outcomes": outcomes})
    assert (fed.status_code, fed.json()["accepted"]) == (200, 1)
    worker.api.close()
    for kind in ("decisions", "outcomes"):
        [segment] = (worker.home.log / kind).glob("*.jsonl")
        assert is_closed(segment)


def test_the_short_way_gives_the_same_answers(worker: Worker) -> None:
    """And the same problems, counted under the same route."""
    body = json.dumps(BODY | {"request_id": "r"}).encode()
    short = asyncio.run(worker.api.answer(body))
    assert (short.status, json.loads(short.body)) == (
        200,
        worker.ask("POST", "/rank", BODY | {"request_id": "r"}).json(),
    )
    wrong = asyncio.run(worker.api.answer(b"{"))
    assert (wrong.status, wrong.media_type) == (400, b"application/problem+json")
    assert worker.refused("/rank", 400) == 1


def test_what_is_not_admitted_is_refused_before_it_is_read(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On both ways, with when to come back."""
    monkeypatch.setattr(worker.api.admission, "enter", lambda: None)
    long, short = worker.ask("POST", "/rank", {"no": "request"}), worker.api.refusal()
    assert long.status_code == short.status == OVERLOADED.status == 429
    assert long.content == short.body
    assert long.headers["retry-after"] == "1"
    assert short.headers == ((b"retry-after", b"1"),)
    assert worker.refused("/rank", 429) == 2


def test_whoever_was_admitted_leaves(worker: Worker) -> None:
    """Answered or refused: the place is free again."""
    for body in (BODY, {"no": "request"}):
        worker.ask("POST", "/rank", body)
    assert worker.api.admission._under_way == 0


def test_before_something_serves_only_ranking_waits(empty: Worker) -> None:
    """503 for `/rank`; status and experiments say that there is nothing."""
    refused = empty.ask("POST", "/rank", BODY)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert empty.ask("GET", "/experiments").json() is None
    assert empty.ask("GET", "/status").json()["serving"] is None


def test_experiments_come_as_they_are_live_and_as_the_file_is(worker: Worker) -> None:
    """The compiled form of what serves, the file's text, and how far rollouts are."""
    found = worker.ask("GET", "/experiments").json()
    assert (found["epoch"], found["text"], found["rollouts"]) == (3, None, {})
    serving = worker.follower.current
    assert serving is not None
    assert (found["digest"], found["live"]) == (serving.live.digest, json.loads(serving.live.to_json()))
    settings().experiments.write_text(LIVE % "7")
    worker.home.rollouts.write_text('{"try": {"share": 0.5}}')
    found = worker.ask("GET", "/experiments").json()
    assert (found["text"], found["rollouts"]) == (LIVE % "7", {"try": {"share": 0.5}})
    assert found["digest"] == serving.live.digest
    settings().experiments.write_bytes(b"\xff")
    assert worker.ask("GET", "/experiments").json()["text"] is None


def test_pages_and_paths(worker: Worker) -> None:
    """The description is a page and a document; every path of ours that it describes is there."""
    assert worker.ask("GET", "/").content == worker.ask("GET", "/docs").content
    assert worker.ask("GET", "/docs").headers["content-type"] == "text/html; charset=utf-8"
    described = worker.ask("GET", "/docs.json").json()["paths"]
    for path in described.keys() - {"/metrics", "/livez", "/readyz"}:  # BentoML's
        wrong = worker.ask("DELETE", path)
        assert wrong.status_code == 405
        assert {each.upper() for each in described[path]} == set(wrong.headers["allow"].split(", "))
    assert worker.ask("PUT", "/experiments", {}).status_code == 405  # without a token it is off
    assert worker.ask("GET", "/ranks").status_code == 404
