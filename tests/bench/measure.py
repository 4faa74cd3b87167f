"""One run: rounds over all systems and cases in turn, so that a noisy minute falls on all of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np

from bentos.local.processes import StartError
from tests.bench import systems
from tests.bench.client import Tally
from tests.bench.cores import busy_share
from tests.bench.floors import Floors
from tests.bench.generator import Generator, Run, save_bodies
from tests.bench.systems import System
from tests.bench.world import World

SIZES = (10, 100, 1000, 3000)
CONNECTIONS = (1, 8, 32)
BODIES = 128  # different ones
CHECKED = 4  # answers per system and size compared with CatBoost before anything is measured

BALLAST, TEXT, REMOTE, REDIS = "Ballast", "Ballast, text ids", "Ballast, remote runner", "Ballast, Redis"


class Case(NamedTuple):
    """One cell: a system asked for so many candidates over so many connections."""

    system: str
    candidates: int
    connections: int


class Sample(NamedTuple):
    """One window of one case. Milliseconds, but `rate` in answers per second."""

    cpu: float
    cpu_all: float
    rate: float
    p50: float
    p95: float
    p99: float
    failed: int
    fallback: float = 0.0  # share of the answers that were looked into that a fallback gave


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    seconds: float  # of a window
    floor_seconds: float
    quick: bool = False


FULL = Effort(rounds=3, seconds=1.0, floor_seconds=0.4)
QUICK = Effort(rounds=2, seconds=0.35, floor_seconds=0.2, quick=True)


@dataclass
class Results:
    """Everything measured: one sample per round."""

    samples: dict[Case, list[Sample]] = field(default_factory=dict)
    floors: dict[tuple[str, int], list[float]] = field(default_factory=dict)  # (what, candidates) -> ms
    checked: int = 0  # answers that were equal to CatBoost's in every bit
    busy: float = 0.0  # share of the machine that was others' before the run
    seconds: float = 0.0
    rounds: int = 0
    absent: dict[str, str] = field(default_factory=dict)  # systems that did not start, and why


class WrongAnswer(RuntimeError):  # noqa: N818 - it is the answer that is wrong
    """A system that does not answer as CatBoost scores; nothing it does is worth timing."""


def plan(effort: Effort) -> list[Case]:
    """The cases of one round."""
    sizes, connections = ((10, 3000), (8,)) if effort.quick else (SIZES, CONNECTIONS)
    cases = [Case("empty POST", 0, count) for count in connections]
    cases += [Case(BALLAST, size, count) for size in sizes for count in connections]
    cases += [Case("BentoML's pattern", size, 8) for size in sizes]
    cases += [Case("FastAPI + uvicorn", size, 8) for size in sizes]
    if not effort.quick:
        cases += [Case(name, size, 8) for name in (TEXT, REMOTE, REDIS) for size in sizes]
        cases += [Case(REMOTE, 10, 32), Case(REMOTE, 3000, 32)]
        cases += [Case("mlflow models serve", size, 1) for size in sizes]
    return cases


def available(world: World, cases: Iterable[Case]) -> dict[str, System]:
    """The systems that the cases need, where this release has them."""
    makers: dict[str, Callable[[], System | None]] = {
        "empty POST": systems.empty,
        BALLAST: lambda: systems.ballast(world, "ballast"),
        TEXT: lambda: systems.ballast(world, "text", "text"),
        REMOTE: lambda: systems.ballast(world, "remote", extra={"BALLAST_RUNNER": "remote"}),
        REDIS: lambda: systems.redis_catalogue(world),
        "BentoML's pattern": systems.bento_pattern,
        "FastAPI + uvicorn": systems.fastapi,
        "mlflow models serve": lambda: systems.mlflow(world),
    }
    needed = dict.fromkeys(case.system for case in cases)
    made = {name: makers[name]() for name in needed}
    return {name: system for name, system in made.items() if system is not None}


@contextmanager
def running(world: World, found: dict[str, System], absent: dict[str, str]) -> Iterator[None]:
    """All of them started, pinned and held; those that don't start leave `found`, the reason in `absent`.

    Raises StartError where Ballast itself does not start.
    """
    with ExitStack() as stack:
        for system in found.values():
            stack.callback(system.stop)
            system.start(world)
        for name, system in list(found.items()):
            try:
                system.wait()
            except StartError as error:
                if name == BALLAST:
                    raise
                absent[name] = str(error)
                system.stop()
                del found[name]
        yield


def measure(world: World, effort: Effort, say: Callable[[str], None]) -> Results:
    """Run everything. Raises WrongAnswer where a system does not give CatBoost's scores."""
    started = time.monotonic()
    say("making or finding the model and the catalogue")
    world.prepare()
    results = Results(busy=busy_share(), rounds=effort.rounds)
    cases = plan(effort)
    found = available(world, cases)
    say(f"starting {', '.join(found)}")
    with ExitStack() as stack:
        generator = Generator()
        stack.callback(generator.close)
        floors = Floors(world)
        stack.callback(floors.close)
        stack.enter_context(running(world, found, results.absent))
        cases = [case for case in cases if case.system in found]
        bench = Bench(world, found, generator, results)
        say("holding every system to CatBoost's own scores")
        for name, size in sorted({(case.system, case.candidates) for case in cases if case.candidates}):
            bench.check(name, size)
        for number in range(effort.rounds):
            for place, case in enumerate(cases):
                say(f"round {number + 1} of {effort.rounds}: {place + 1} of {len(cases)}, {_title(case)}")
                bench.sample(case, effort.seconds)
            for size in sorted({case.candidates for case in cases} - {0}):
                for what, seconds in floors.measure(size, effort.floor_seconds).items():
                    results.floors.setdefault((what, size), []).append(seconds * 1000)
            world.clear_logs()
    results.seconds = time.monotonic() - started
    return results


def _title(case: Case) -> str:
    return f"{case.system}, {case.candidates} candidates, {case.connections} connections"


@dataclass
class Bench:
    """Running systems, asked one at a time."""

    world: World
    found: dict[str, System]
    generator: Generator
    results: Results

    def check(self, name: str, candidates: int) -> None:
        """Compare whole answers with CatBoost's own scores, bit for bit; save all bodies for the load."""
        system = self.found[name]
        count = BODIES if name != "mlflow models serve" else 8  # 1.5 MB each at 3,000 candidates
        asked = list(self.world.requests(system.ids, count, candidates))
        bodies = [system.body(self.world, one) for one in asked]
        save_bodies(self._bodies(name, candidates), bodies)
        system.let_go()
        for one, body in list(zip(asked, bodies, strict=True))[:CHECKED]:
            answer = httpx.post(
                f"http://127.0.0.1:{system.port}{system.path}",
                content=body,
                headers={"content-type": "application/json"},
                timeout=30,
            )
            if answer.status_code != 200 or system.scores(one, answer.json()) != self.world.expected(one):
                raise WrongAnswer(
                    f"{name}, {candidates} candidates: {answer.status_code} {answer.text[:300]}"
                )
            self.results.checked += 1
        system.hold()

    def sample(self, case: Case, seconds: float) -> None:
        """One window."""
        system = self.found[case.system]
        bodies = self._bodies(case.system, case.candidates)
        if not case.candidates:
            save_bodies(bodies, [b"{}"])
        system.let_go()
        run = Run(
            system.port,
            system.path,
            bodies,
            case.connections,
            seconds,
            watched=system.watched,
            all_of_it=system.all_of_it,
        )
        tally = self.generator.run(run)
        system.hold()
        fallback = self._inspect(case, system, tally) if case.candidates else 0.0
        self.results.samples.setdefault(case, []).append(_sample(tally, fallback))

    def _inspect(self, case: Case, system: System, tally: Tally) -> float:
        """Answers kept under load must be right, too; the share of them that a declared fallback gave."""
        answers = [(number, json.loads(answer)) for number, answer in tally.kept]
        scored = [(number, answer) for number, answer in answers if answer.get("fallback") is None]
        if scored:
            number, answer = scored[-1]
            asked = list(self.world.requests(system.ids, number + 1, case.candidates))[number]
            if system.scores(asked, answer) != self.world.expected(asked):
                raise WrongAnswer(f"{_title(case)}: a wrong answer under load, to body {number}")
            self.results.checked += 1
        return 1 - len(scored) / len(answers) if answers else 0.0

    def _bodies(self, name: str, candidates: int) -> Path:
        return (
            self.world.folder / "bodies" / f"{self.found[name].ids}-{self.found[name].path[1:]}-{candidates}"
        )


def _sample(tally: Tally, fallback: float) -> Sample:
    good = tally.statuses.get(200, 0)
    if not good:
        nothing = float("nan")
        failed = tally.answered + tally.broken
        return Sample(nothing, nothing, nothing, nothing, nothing, nothing, failed)
    latencies = tally.latencies or [float("nan")]
    p50, p95, p99 = (np.quantile(latencies, (0.5, 0.95, 0.99)) * 1000).tolist()
    return Sample(
        cpu=tally.cpu / good * 1000,
        cpu_all=tally.cpu_all / good * 1000,
        rate=good / tally.seconds,
        p50=p50,
        p95=p95,
        p99=p99,
        failed=tally.answered - good + tally.broken,
        fallback=fallback,
    )
