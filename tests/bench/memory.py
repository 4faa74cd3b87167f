"""Memory of every process under a steady load, sampled over minutes; flat is what it should be."""

from __future__ import annotations

import threading
import time
from typing import Any

import psutil

from tests.bench.cores import own_memory, resident
from tests.bench.generator import Generator, Run, save_bodies
from tests.bench.systems import System, ballast
from tests.bench.world import World

CONNECTIONS = 8
EVERY = 2.0  # seconds between two samples
SETTLING = 0.2  # share of the time before which nothing is compared: pools and caches fill
MB = 1e6


def run(world: World, seconds: float, candidates: int) -> dict[str, Any]:
    """RSS and USS (what a process has for itself) in MB over time, and their change after settling."""
    world.prepare()
    system = ballast(world, "memory")
    generator = Generator()
    try:
        system.start(world)
        system.wait()
        system.let_go()
        return _watch(world, system, generator, seconds, candidates)
    finally:
        generator.close()
        system.stop()
        world.clear_logs()


def _watch(
    world: World, system: System, generator: Generator, seconds: float, candidates: int
) -> dict[str, Any]:
    asked = world.requests("integer", 256, candidates)
    bodies = save_bodies(world.folder / "bodies" / f"memory-{candidates}", [one.rank() for one in asked])
    order = Run(system.port, system.path, bodies, CONNECTIONS, seconds, watched=system.watched)
    tallies: list[Any] = []
    load = threading.Thread(target=lambda: tallies.append(generator.run(order)), daemon=True)
    series: dict[str, list[tuple[float, float, float]]] = {_name(system, pid): [] for pid in system.all_of_it}
    started = time.monotonic()
    load.start()
    while load.is_alive():
        for pid in system.all_of_it:
            point = time.monotonic() - started, resident([pid]) / MB, own_memory([pid]) / MB
            series[_name(system, pid)].append(point)
        load.join(EVERY)
    answers = tallies[0].statuses if tallies else {}
    return {
        "candidates": candidates,
        "seconds": seconds,
        "answers": answers,
        "processes": {name: _change(points, seconds) for name, points in series.items()},
    }


def _name(system: System, pid: int) -> str:
    if pid in system.watched:
        return f"ranker {pid}"
    words = " ".join(psutil.Process(pid).cmdline())
    for kind in ("Scorer", "Steward"):
        if f"--service-name {kind.lower()}" in words or kind in words:
            return f"{kind.lower()} {pid}"
    return f"supervisor {pid}"


def _change(points: list[tuple[float, float, float]], seconds: float) -> dict[str, Any]:
    """From the median of the first tenth after settling to that of the last tenth, in percent."""
    after = [point for point in points if point[0] >= SETTLING * seconds] or points[-1:]
    tenth = max(1, len(after) // 10)
    found: dict[str, Any] = {}
    for place, name in ((1, "rss_mb"), (2, "uss_mb")):
        first = sorted(point[place] for point in after[:tenth])[tenth // 2]
        last = sorted(point[place] for point in after[-tenth:])[tenth // 2]
        found[name] = {
            "first": round(first, 1),
            "last": round(last, 1),
            "most": round(max(point[place] for point in points), 1),
            "change_percent": round(100 * (last / first - 1), 2),
        }
    some = points[:: max(1, len(points) // 30)]
    found["seconds_rss_uss"] = " ".join(f"{at:.0f}:{rss:.0f}/{own:.0f}" for at, rss, own in some)
    return found
