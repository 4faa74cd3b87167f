"""Offer more than can be served, on a schedule that does not wait, and see what becomes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.bench.client import Tally
from tests.bench.generator import Generator, Run, save_bodies
from tests.bench.systems import System, ballast
from tests.bench.world import World

BODIES = 256
UNLOADED = 0.1  # of the sustainable rate
CONNECTIONS = 512  # of the open loop: what a proxy with many clients behind it keeps open


def run(world: World, seconds: float, candidates: int, times: float) -> dict[str, Any]:
    """Twice what 32 busy connections get through, for `seconds`. Latencies are in ms, from the moment that
    the schedule meant a request to leave."""
    world.prepare()
    system = ballast(world, "overload")
    generator = Generator()
    try:
        system.start(world)
        system.wait()
        system.let_go()
        return _offer(world, system, generator, (seconds, candidates, times))
    finally:
        generator.close()
        system.stop()
        world.clear_logs()


def _offer(
    world: World, system: System, generator: Generator, how: tuple[float, int, float]
) -> dict[str, Any]:
    seconds, candidates, times = how
    asked = world.requests("integer", BODIES, candidates)
    bodies = save_bodies(world.folder / "bodies" / f"overload-{candidates}", [one.rank() for one in asked])

    def closed(connections: int) -> Tally:
        brief = min(5.0, seconds)
        return generator.run(Run(system.port, system.path, bodies, connections, brief, warm=1.0))

    def offer(rate: float, seconds: float) -> Tally:
        return generator.run(
            Run(system.port, system.path, bodies, CONNECTIONS, seconds, rate=rate, watched=system.watched)
        )

    sustained = closed(32)
    rate = sustained.statuses.get(200, 0) / sustained.seconds
    # By the same schedule as the overload: its client wakes every millisecond, which is in both.
    unloaded = offer(UNLOADED * rate, min(20.0, seconds))
    offered = offer(times * rate, seconds)
    after = closed(1)
    return {
        "candidates": candidates,
        "sustainable_per_second": round(rate, 1),
        "offered_per_second": round(times * rate, 1),
        "unloaded": _latencies(unloaded),
        "sustained_at_32_connections": _latencies(sustained),
        **_outcome(offered, seconds, rate, unloaded),
        "afterwards": _latencies(after),
    }


def _outcome(offered: Tally, seconds: float, rate: float, unloaded: Tally) -> dict[str, Any]:
    accepted, shed = offered.statuses.get(200, 0), offered.statuses.get(429, 0)
    calm, pressed = _latencies(unloaded), _latencies(offered)
    others = {status: count for status, count in offered.statuses.items() if status not in {200, 429}}
    return {
        "accepted": pressed,
        "p99_over_unloaded_p99": round(pressed["p99"] / calm["p99"], 2) if accepted else None,
        "accepted_over_sustainable": round(accepted / seconds / rate, 3),
        "shed_share": round(shed / max(1, offered.answered), 4),
        "shed_without_retry_after": shed - offered.retry_after,
        "other_statuses": others,
        "broken_or_unanswered": offered.broken,
        "not_sent_for_want_of_connections": offered.unsent,
    }


def _latencies(tally: Tally) -> dict[str, float]:
    quantiles = np.quantile(tally.latencies or [float("nan")], (0.5, 0.95, 0.99)) * 1000
    p50, p95, p99 = (round(float(value), 3) for value in quantiles)
    return {"count": len(tally.latencies), "p50": p50, "p95": p95, "p99": p99}
