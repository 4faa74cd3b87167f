"""Drives a running service with real requests in time order; outcomes arrive when they would be known."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import aiohttp
import numpy as np
import orjson

from models.table.requests import TableRequest

ATTEMPTS = 5
TIMEOUT = aiohttp.ClientTimeout(total=30)


class Answered(NamedTuple):
    """One answer beside the truth: `labels` are those of the served items, best position first."""

    unit: str
    arms: tuple[tuple[str, str], ...]
    model: str
    explored: bool
    fallback: str | None
    labels: np.ndarray[Any, np.dtype[np.float64]]


class Due(NamedTuple):
    """An outcome on its way: known at `time` (unix seconds)."""

    time: float
    request_id: str
    item: str | int
    value: float


@dataclass
class Replay:
    """One drive through a stretch of time. `speed`: simulated seconds per second, None for no waiting."""

    url: str
    viewers: int
    population: int
    seed: int = 0
    speed: float | None = None
    connections: int = 16
    answers: list[Answered] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    outcomes: int = 0
    _due: list[Due] = field(default_factory=list)

    async def run(self, requests: Iterable[TableRequest], on_request: Callable[[int], None]) -> None:
        """Send every request for each of its viewers, and every outcome once it is known."""
        connector = aiohttp.TCPConnector(limit=self.connections)
        async with aiohttp.ClientSession(self.url, connector=connector, timeout=TIMEOUT) as http:
            clock = _Clock(self.speed)
            for moment, together in groupby(requests, key=lambda request: request.time):
                await clock.wait(moment)
                await self._deliver(http, moment)
                batch = list(together)
                await asyncio.gather(
                    *(self._ask(http, request, unit) for request in batch for unit in self._units(request))
                )
                on_request(len(batch))
            while self._due:
                await self._deliver(http, self._due[0].time + 3600)

    def _units(self, request: TableRequest) -> Iterator[str]:
        """The viewers who ask: made up, but the same in every run with this seed."""
        key = int.from_bytes(str(request.key).encode()[-12:], "little")
        draw = np.random.default_rng([self.seed, key])
        chosen = draw.choice(self.population, size=min(self.viewers, self.population), replace=False)
        return (f"viewer-{number:04d}" for number in chosen.tolist())

    async def _ask(self, http: aiohttp.ClientSession, request: TableRequest, unit: str) -> None:
        body = {
            "unit": unit,
            "candidates": request.items,
            "context": request.context,
            "time": request.time,
        }
        answer = await self._post(http, "/rank", body)
        if answer is None:
            return
        labels = dict(zip(request.items, request.labels, strict=True))
        self.answers.append(
            Answered(
                unit,
                tuple(answer["arms"].items()),
                answer["model"],
                answer["explored"],
                answer["fallback"],
                np.array([labels[item] for item in answer["items"]], dtype=np.float64),
            )
        )
        items: list[Any] = list(request.items)
        for item, value, known in zip(items, request.labels, request.label_times, strict=True):
            heapq.heappush(self._due, Due(float(known), answer["request_id"], item, float(value)))

    async def _deliver(self, http: aiohttp.ClientSession, now: float) -> None:
        """Post what has become known by `now`, one feedback per request."""
        known: dict[str, list[Due]] = defaultdict(list)
        while self._due and self._due[0].time <= now:
            due = heapq.heappop(self._due)
            known[due.request_id].append(due)
        await asyncio.gather(*(self._tell(http, name, dues, now) for name, dues in known.items()))

    async def _tell(self, http: aiohttp.ClientSession, request_id: str, dues: list[Due], now: float) -> None:
        outcomes = [{"item": due.item, "value": due.value} for due in dues]
        if await self._post(http, "/feedback", {"request_id": request_id, "outcomes": outcomes, "time": now}):
            self.outcomes += len(outcomes)

    async def _post(
        self, http: aiohttp.ClientSession, path: str, body: dict[str, Any]
    ) -> dict[str, Any] | None:
        """One answer; an overloaded or restarting server gets more tries, then the failure counts."""
        payload, reason = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), ""
        for attempt in range(ATTEMPTS):
            try:
                async with http.post(path, data=payload) as answer:
                    content = await answer.read()
                    if answer.status == 200:
                        return dict(orjson.loads(content))
                    reason = f"{path} {answer.status}: {content.decode(errors='replace')[:200]}"
                    if answer.status not in {429, 503}:
                        break
            except (TimeoutError, aiohttp.ClientError) as error:
                reason = f"{path}: {type(error).__name__}"
            await asyncio.sleep(0.2 * 2**attempt)
        self.failures[reason] += 1
        return None


class _Clock:
    """Simulated time: starts at the first moment it is asked for."""

    def __init__(self, speed: float | None) -> None:
        self._speed = speed
        self._start: tuple[float, float] | None = None

    async def wait(self, moment: float) -> None:
        if self._speed is None:
            return
        if self._start is None:
            self._start = (moment, time.monotonic())
        due = self._start[1] + (moment - self._start[0]) / self._speed
        await asyncio.sleep(max(0.0, due - time.monotonic()))
