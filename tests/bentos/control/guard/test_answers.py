"""The guard, a worker and what is served between them: faults that no version has, and Redis gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client import CollectorRegistry

from bentos.control.guard.quantities import NO_SCORES, UNKNOWN
from bentos.decisions.decider import Decider
from bentos.decisions.parts import Scoring
from bentos.decisions.scoring import Embedded, FromRedis
from bentos.home.state import State, read_state
from bentos.home.stops import Stops, clear
from bentos.worker.follower import Follower
from bentos.worker.mapped_files import Mapped
from models.catalogue.catalogue import Catalogue
from models.catalogue.redis_catalogue import connect, publish
from models.catalogue.redis_link import PAUSE
from monitoring.log.record import Decision, decode
from monitoring.log.segments import SegmentWriter
from monitoring.metrics import Metrics
from tests.faults.months import Stage
from tests.models.catalogue.redises import server
from tests.models.small import declare, trained

GUARD = """
[guard]
fallback = "-price"
when_shared = "fallback"
share = 1.0
"""
ITEMS = [f"item-{place}" for place in range(8)]
ABSENT = [f"nothing-{place}" for place in range(8)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A package, its catalogues, and the folder of its declaration."""
    folder = tmp_path_factory.mktemp("answers")
    declared = declare(folder / "declared")
    package = trained(folder / "home", declared)
    return package, folder / "home" / "small" / "catalogue", declared.folder


@dataclass
class System:
    """A Stage with a worker that answers: each reads what the other has written."""

    stage: Stage
    worker: Follower
    scoring: Scoring
    count: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, times: int, items: list[str]) -> list[dict[str, Any]]:
        """Answers to as many requests; then both look."""
        log = SegmentWriter(self.stage.home.log / "decisions", "ranker")
        decider = Decider(self.worker, self.scoring, log, Metrics(CollectorRegistry()))
        found = []
        for _ in range(times):
            self.count += 1
            body = {"request_id": f"r{self.count}", "unit": "u", "candidates": items, "context": {"hour": 7}}
            found.append(orjson.loads(await decider.rank(orjson.dumps(body))))
        log.close()
        self.look()
        return found

    def look(self) -> None:
        self.stage.now += 1.0
        self.stage.watcher.look()
        self.stage.control.move()
        self.worker.look()

    @property
    def state(self) -> State:
        found = read_state(self.stage.home.state)
        assert found is not None
        return found

    @property
    def record(self) -> Decision:
        """The last one."""
        lines = [
            line
            for file in (self.stage.home.log / "decisions").glob("*.jsonl")
            for line in file.read_bytes().splitlines()
        ]
        return next(one for one in map(decode, lines) if one.request_id == f"r{self.count}")

    def cheapest_first(self, items: list[str]) -> list[str]:
        found = Catalogue.open(self.stage.home.catalogue / self.state.snapshot)
        price = found.numeric[found.numeric_names.index("price")]
        return sorted(items, key=lambda item: float(price[found.rows([item])[0]]))


@pytest.fixture
def stage(made: tuple[Path, Path, Path], tmp_path: Path) -> Iterator[Stage]:
    package, catalogues, folder = made
    declaration = folder / "guarded.toml"
    declaration.write_text((folder / "ranker.toml").read_text() + GUARD)
    with Stage.of(package, catalogues, declaration, tmp_path, ("1",)) as found:
        yield found


def system(stage: Stage, scoring: Scoring) -> System:
    worker = Follower(stage.home, "ranker", mapped=Mapped(stage.home))
    worker.look()
    made = System(stage, worker, scoring)
    made.look()
    return made


def test_a_shared_fault_with_fallback_declared(stage: Stage) -> None:
    """Candidates that nobody knows: all answers are in the declared order until a person clears it."""

    async def run() -> None:
        one = system(stage, Embedded())
        [healthy] = await one.ask(1, ITEMS)
        assert healthy["fallback"] is None
        assert not one.state.stopped
        await one.ask(30, ITEMS[:3] + ABSENT)
        shared = Stops.of(stage.home).active("shared")
        assert list(shared) == [UNKNOWN]
        assert shared[UNKNOWN].done == (
            "it is not the version: all answers are in the declared fallback order"
        )
        assert list(one.state.stopped) == ["1"]
        [answer] = await one.ask(1, [*ABSENT[:1], *ITEMS])
        assert answer["fallback"].startswith(
            "stopped by the guard: a fault of all versions: unknown candidates"
        )
        assert answer["items"] == [*one.cheapest_first(ITEMS), ABSENT[0]]
        assert one.record.fallback == answer["fallback"]
        assert list(one.record.propensities) == answer["propensities"] == [1.0] * 9
        clear(stage.home, UNKNOWN, "ann", "the catalogue is whole again")
        one.look()
        assert not one.state.stopped
        [again] = await one.ask(1, ITEMS)
        assert (again["items"], again["scores"]) == (healthy["items"], healthy["scores"])

    asyncio.run(run())


def test_redis_gone_is_no_versions_fault(made: tuple[Path, Path, Path], stage: Stage) -> None:
    """The order is the declared one while Redis is gone, and the version that could not score serves on."""
    declaration = made[2] / "guarded.toml"
    declaration.write_text(
        declaration.read_text().replace('when_shared = "fallback"', 'when_shared = "keep"')
    )

    async def run() -> None:
        with server("valkey") as valkey:
            snapshot = Catalogue.open(stage.home.catalogue / one_state(stage).snapshot)
            publish(connect(f"redis://127.0.0.1:{valkey.port}", wait=10), snapshot)
            one = system(stage, FromRedis(f"redis://127.0.0.1:{valkey.port}"))
            [healthy] = await one.ask(1, ITEMS)
            assert healthy["fallback"] is None
            valkey.kill()
            answers = await one.ask(80, ITEMS)
            assert all(each["fallback"].startswith("catalogue unavailable: ") for each in answers)
            assert all(each["items"] == one.cheapest_first(ITEMS) for each in answers)
            shared = Stops.of(stage.home).active("shared")
            assert list(shared) == [NO_SCORES]
            assert shared[NO_SCORES].done == "it is not the version: the champion keeps serving"
            assert not one.state.stopped
            valkey.start()
            publish(connect(f"redis://127.0.0.1:{valkey.port}", wait=10), snapshot)
            await asyncio.sleep(PAUSE + 0.2)
            await one.ask(1, ITEMS)  # the first that tries again may still be told so
            [again] = await one.ask(1, ITEMS)
            assert (again["items"], again["scores"]) == (healthy["items"], healthy["scores"])
            assert not one.state.stopped
            assert Stops.of(stage.home).active("version") == {}

    asyncio.run(run())


def one_state(stage: Stage) -> State:
    found = read_state(stage.home.state)
    assert found is not None
    return found
