"""A real cluster: slots that move, a node that hangs, nobody there, and what is no cluster."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import hiredis
import numpy as np
import pytest
import redis
from redis.crc import key_slot

from bentos.local.processes import free_port
from models.catalogue.redis_catalogue import PREFIX, RedisCatalogue, connect, link, publish
from models.catalogue.redis_cluster import ClusterLink
from models.catalogue.redis_link import PAUSE, Address, RedisUnavailable
from tests.models.catalogue.redises import LIMIT, server, three_masters
from tests.models.engine.engines import open_catalogue, random_table

WAIT = 5.0  # seconds: other work on the machine must not look like a slow Redis


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Three real masters that share the slots; the URL of one of them."""
    with three_masters() as url:
        yield url


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT):
            await main()

    asyncio.run(limited())


def test_slots_that_move_are_followed(tmp_path: Path, cluster: str) -> None:
    """A shard moves to another master: the next request is answered, by the new one."""
    memory = open_catalogue(tmp_path, random_table(5, 60, 3))
    ids = [f"item-{row}" for row in range(70)]

    async def main() -> None:
        client, near = connect(cluster, WAIT), link(cluster, WAIT)
        publish(client, memory)
        remote = await RedisCatalogue.open(near, memory.snapshot)
        rows = memory.rows(ids)
        for shard in (0, 7):
            move(client, f"{PREFIX}:{memory.snapshot}:{{{shard}}}:")
            items, found = await remote.fetch(ids)
            np.testing.assert_array_equal(found >= 0, rows >= 0)
            np.testing.assert_array_equal(items.numeric, memory.numeric[:, rows[rows >= 0]])
        client.close()
        near.close()

    run(main)


def move(client: redis.RedisCluster, key: str) -> None:
    """Move a key's slot, as `redis-cli --cluster reshard` does."""
    slot = key_slot(key.encode())
    source = client.nodes_manager.get_node_from_slot(slot)
    target = next(node for node in client.get_primaries() if node.name != source.name)
    near, far = redis.Redis(port=source.port), redis.Redis(port=target.port)
    names = [node.execute_command("CLUSTER", "MYID") for node in (near, far)]
    far.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
    near.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
    while keys := near.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100):
        near.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
    for node in (far, near):
        node.execute_command("CLUSTER", "SETSLOT", slot, "NODE", names[1])


def test_a_node_that_stops_is_waited_for_no_longer_than_declared(tmp_path: Path, cluster: str) -> None:
    """One master of three hangs: a bounded wait, then none; right answers once it goes on."""
    memory = open_catalogue(tmp_path, random_table(6, 60, 3))
    ids = [f"item-{row}" for row in range(60)]

    async def main() -> None:
        client, near = connect(cluster, WAIT), link(cluster, wait=0.2)
        publish(client, memory)
        remote = await RedisCatalogue.open(near, memory.snapshot)
        await remote.fetch(ids)
        node = client.get_primaries()[-1]
        pid = int(redis.Redis(port=node.port).info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            for most in (0.2, 0.0):
                started = time.monotonic()
                with pytest.raises(RedisUnavailable, match=r"Redis (has not answered|failed a moment ago)"):
                    await remote.fetch(ids)
                assert time.monotonic() - started < most + 1
        finally:
            os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(PAUSE)
        async with asyncio.timeout(LIMIT):
            while not await answers(remote, ids):
                await asyncio.sleep(0.05)
        client.close()
        near.close()

    run(main)


async def answers(remote: RedisCatalogue, ids: list[str]) -> bool:
    try:
        _, rows = await remote.fetch(ids)
    except RedisUnavailable:
        return False
    return bool((rows >= 0).all())


def node_of(cluster: str) -> Address:
    return Address.of(cluster.replace("redis+cluster", "redis"))


def test_each_command_goes_to_its_keys_node_and_replies_keep_their_order(cluster: str) -> None:
    """Hundreds of keys over all masters, an error among the replies."""

    async def main() -> None:
        near = ClusterLink(node_of(cluster), WAIT)
        keys = [f"key-{number}" for number in range(300)]
        assert len({key_slot(key.encode()) // 5462 for key in keys}) == 3
        assert set(await near.ask([("SET", key, key) for key in keys])) == {b"OK"}
        commands: list[tuple[str, ...]] = [("GET", key) for key in keys]
        found = await near.ask([*commands[:150], ("INCR", "key-7"), *commands[150:]])
        assert isinstance(found.pop(150), hiredis.ReplyError)
        assert found == [key.encode() for key in keys]
        await near.ask([("DEL", key) for key in keys])
        near.close()

    run(main)


def test_a_server_that_is_no_clusters_node_is_told_so() -> None:
    async def main() -> None:
        with server("valkey") as one:
            near = ClusterLink(Address(port=one.port), WAIT)
            with pytest.raises(
                RedisUnavailable, match=rf"Redis at 127\.0\.0\.1:{one.port} is no cluster's node"
            ):
                await near.ask([("GET", "a")])
            near.close()

    run(main)


def test_a_cluster_that_nobody_answers_for_is_unavailable_at_once_and_asked_again_later() -> None:
    async def main() -> None:
        clock = [0.0]
        port = free_port()
        near = ClusterLink(Address(port=port), WAIT, lambda: clock[0])
        with pytest.raises(RedisUnavailable, match=rf"Redis at 127\.0\.0\.1:{port} does not answer"):
            await near.ask([("GET", "a")])
        with pytest.raises(RedisUnavailable, match="Redis failed a moment ago"):
            await near.ask([("GET", "a")])
        clock[0] += PAUSE
        with pytest.raises(RedisUnavailable, match=rf"Redis at 127\.0\.0\.1:{port} does not answer"):
            await near.ask([("GET", "a")])
        near.close()

    run(main)


def test_slots_that_are_moving_are_answered(tmp_path: Path, cluster: str) -> None:
    """Half of a shard's keys are at the new master, some are nowhere: ASK and TRYAGAIN are followed."""
    memory = open_catalogue(tmp_path, random_table(8, 200, 3))
    ids = [f"item-{row}" for row in range(230)]

    async def main() -> None:
        client, near = connect(cluster, WAIT), link(cluster, WAIT)
        publish(client, memory)
        remote = await RedisCatalogue.open(near, memory.snapshot)
        rows = memory.rows(ids)
        for part in (0, 3, 1000):  # keys that have moved: none, some, all
            moving(client, f"{PREFIX}:{memory.snapshot}:{{{part % 16}}}:", part)
            for _ in range(2):
                items, found = await remote.fetch(ids)
                np.testing.assert_array_equal(found >= 0, rows >= 0)
                np.testing.assert_array_equal(items.numeric, memory.numeric[:, rows[rows >= 0]])
        assert await near.ask([("GET", f"{PREFIX}:{memory.snapshot}:{{8}}")]) == [b"1"]
        client.close()
        near.close()

    run(main)


def moving(client: redis.RedisCluster, key: str, most: int) -> None:
    """Begin to move a key's slot, and so many of its keys."""
    slot = key_slot(key.encode())
    source = client.nodes_manager.get_node_from_slot(slot)
    target = next(node for node in client.get_primaries() if node.name != source.name)
    near, far = redis.Redis(port=source.port), redis.Redis(port=target.port)
    names = [node.execute_command("CLUSTER", "MYID") for node in (near, far)]
    far.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
    near.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
    keys = near.execute_command("CLUSTER", "GETKEYSINSLOT", slot, most) if most else []
    if keys:
        near.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
