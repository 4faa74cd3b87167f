"""A worker that answers under a guard: each reads what the other has written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from prometheus_client import CollectorRegistry

from bentos.decisions.decider import Decider
from bentos.decisions.parts import Scoring
from bentos.home.state import State, read_state
from bentos.worker.follower import Follower
from bentos.worker.mapped_files import Mapped
from models.catalogue.catalogue import Catalogue
from monitoring.log.record import Decision, decode
from monitoring.log.segments import SegmentWriter
from monitoring.metrics import Metrics
from tests.faults.months import Stage

GUARD = """
[guard]
fallback = "-price"
when_shared = "fallback"
share = 1.0
"""


ITEMS = [f"item-{place}" for place in range(8)]


ABSENT = [f"nothing-{place}" for place in range(8)]


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


def system(stage: Stage, scoring: Scoring) -> System:
    worker = Follower(stage.home, "ranker", mapped=Mapped(stage.home))
    worker.look()
    made = System(stage, worker, scoring)
    made.look()
    return made


def one_state(stage: Stage) -> State:
    found = read_state(stage.home.state)
    assert found is not None
    return found
