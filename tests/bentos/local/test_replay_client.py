"""Requests in time order, and each outcome when it is known, to a service that answers like Ballast."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bentos.local import replay_client
from bentos.local.replay_client import Replay
from models.table.requests import TableRequest

HOUR = 3600.0


class Service:
    """Ranks the last candidate first; keeps every body, in order; refuses the first `refusals` bodies."""

    def __init__(self, refusals: int = 0, status: int = 503) -> None:
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.refusals, self.status = refusals, status

    async def rank(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.refusals > 0:
            self.refusals -= 1
            return web.Response(status=self.status, text="busy")
        self.bodies.append(("/rank", body))
        return web.json_response(
            {
                "request_id": f"r{len(self.bodies)}",
                "items": body["candidates"][::-1],
                "arms": {"try": "a"},
                "model": "small/1",
                "explored": False,
                "fallback": None,
            }
        )

    async def feedback(self, request: web.Request) -> web.Response:
        self.bodies.append(("/feedback", await request.json()))
        return web.json_response({"accepted": 1})


def asked(time: float, known: float) -> TableRequest:
    """A request at a time, whose outcomes are known later."""
    items = ["x", "y"]
    return TableRequest(
        key=f"k{time}",
        time=time,
        context={"hour": 1},
        items=items,
        labels=np.array([1.0, 0.0]),
        label_times=np.array([known, known]),
    )


def drive(service: Service, requests: list[TableRequest], **settings: Any) -> tuple[Replay, list[int]]:
    """Replay against a real server on this host."""
    counts: list[int] = []

    async def run() -> Replay:
        application = web.Application()
        application.router.add_post("/rank", service.rank)
        application.router.add_post("/feedback", service.feedback)
        async with TestServer(application) as server:
            options = {"viewers": 1, "population": 10, **settings}
            replay = Replay(str(server.make_url("")), **options)
            await replay.run(requests, counts.append)
            return replay

    return asyncio.run(run()), counts


def test_outcomes_arrive_when_they_are_known() -> None:
    """That of the first request between the second and the third; the rest in the end."""
    service = Service()
    replay, counts = drive(service, [asked(0, 1.5 * HOUR), asked(HOUR, 9 * HOUR), asked(2 * HOUR, 9 * HOUR)])
    assert [path for path, _ in service.bodies] == [
        "/rank",
        "/rank",
        "/feedback",
        "/rank",
        *["/feedback"] * 2,
    ]
    assert counts == [1, 1, 1]
    assert replay.outcomes == 6
    first = service.bodies[2][1]
    assert (first["request_id"], first["time"]) == ("r1", 2 * HOUR)
    assert {each["item"]: each["value"] for each in first["outcomes"]} == {"x": 1.0, "y": 0.0}


def test_an_answer_stands_beside_the_truth_in_the_order_served() -> None:
    replay, _ = drive(Service(), [asked(0, 1)])
    [answer] = replay.answers
    assert answer.labels.tolist() == [0.0, 1.0]
    assert (answer.arms, answer.model, answer.explored, answer.fallback) == (
        (("try", "a"),),
        "small/1",
        False,
        None,
    )


def test_the_same_viewers_ask_in_every_run_with_a_seed() -> None:
    """Each once for a request, out of the population."""

    def units(seed: int) -> list[str]:
        service = Service()
        drive(service, [asked(0, 1)], viewers=3, population=50, seed=seed)
        return sorted(body["unit"] for path, body in service.bodies if path == "/rank")

    assert len(set(units(1))) == 3
    assert units(1) == units(1)
    assert units(1) != units(2)


def test_an_overloaded_service_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_client.asyncio, "sleep", _at_once(asyncio.sleep))
    replay, _ = drive(Service(refusals=2), [asked(0, 1)])
    assert (len(replay.answers), replay.failures) == (1, {})


@pytest.mark.parametrize(("status", "tries"), [(503, replay_client.ATTEMPTS), (400, 1)])
def test_what_stays_refused_is_counted_by_its_reason(
    monkeypatch: pytest.MonkeyPatch, status: int, tries: int
) -> None:
    """A refused body is not sent again."""
    monkeypatch.setattr(replay_client.asyncio, "sleep", _at_once(asyncio.sleep))
    service = Service(refusals=100, status=status)
    replay, _ = drive(service, [asked(0, 1)])
    assert (replay.answers, dict(replay.failures)) == ([], {f"/rank {status}: busy": 1})
    assert service.refusals == 100 - tries


def test_time_passes_at_the_speed_that_is_asked_for() -> None:
    """Half an hour at 3,600 simulated seconds a second is half a second; without a speed nothing waits."""

    async def take(speed: float | None) -> float:
        clock = replay_client._Clock(speed)
        begin = asyncio.get_running_loop().time()
        for moment in (5.0, 5.0 + HOUR / 2):
            await clock.wait(moment)
        return asyncio.get_running_loop().time() - begin

    assert asyncio.run(take(3600.0)) >= 0.5
    assert asyncio.run(take(None)) < 0.4


def _at_once(sleep: Callable[[float], Any]) -> Callable[[float], Any]:
    """No waiting between two tries."""
    return lambda _: sleep(0)
