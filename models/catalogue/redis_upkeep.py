"""Whether a Redis keeps what was published to it, and taking out of it what nobody serves any more.

For commands and the Steward, over redis-py's client; requests never wait for any of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np

from models.catalogue.catalogue import Catalogue
from models.catalogue.redis_catalogue import PREFIX, Client, is_cluster, keys_of, meta_of

SAMPLE = 20_000  # items that a watch looks for: .1 s
AT_ONCE = 1000  # keys of one command
ITEM = 250  # bytes of an item in Redis beside its numbers: its key twice, and what Redis keeps of a key
KEPT = 2  # newest snapshots that stay, whoever names them
_META = re.compile(rf"^{PREFIX}:([0-9A-Za-z_-]+):meta$")


class Missing(NamedTuple):
    """Of `looked` items that were looked for, so many are `missing`."""

    missing: int
    looked: int


def eviction(client: Client) -> str | None:
    """Why Redis may drop items, as a sentence; None where it never does.

    `volatile-…` policies drop only keys that expire, which no item does.
    """
    for node in _nodes(client):
        memory = node.info("memory")
        policy = str(memory.get("maxmemory_policy", "noeviction"))
        most = int(memory.get("maxmemory", 0))
        if most and policy.startswith("allkeys"):
            return (
                f"Redis drops items when its memory is full (maxmemory-policy {policy}, "
                f"{most / 2**20:,.0f} MB, {int(memory.get('used_memory', 0)) / most:.0%} used): set "
                "noeviction, and room for the catalogue"
            )
    return None


def scarce(client: Client, catalogue: Catalogue, share: float = 1.0) -> str | None:
    """What to do first where Redis has no room for this share of a snapshot's items; None where it has."""
    nodes = _nodes(client)
    needed = share * catalogue.size * (4 * len(catalogue.numeric_names) + ITEM) / len(nodes)
    for node in nodes:
        memory = node.info("memory")
        most, used = int(memory.get("maxmemory", 0)), int(memory.get("used_memory", 0))
        if most and most - used < needed:
            left = max(0, most - used)
            return (
                f"give Redis room (maxmemory is {_size(most)}, of which {_size(left)} are left where about "
                f"{_size(needed)} are missing)"
            )
    return None


def _size(count: float) -> str:
    return f"{count / 2**20:,.1f} MB"


def missing(client: Client, catalogue: Catalogue, most: int | None = None) -> Missing:
    """How many items of a snapshot Redis lacks; of `most` drawn ones, where it has more."""
    rows = np.arange(catalogue.size)
    if most is not None and catalogue.size > most:
        rows = np.sort(np.random.default_rng().choice(catalogue.size, most, replace=False))
    found = sum(client.exists(*keys) for keys in keys_of(client, catalogue, rows, AT_ONCE))
    return Missing(len(rows) - found, len(rows))


def published(client: Client) -> dict[str, float]:
    """The snapshots in Redis, and when each was made (unix s)."""
    found = {}
    for key in client.scan_iter(match=f"{PREFIX}:*:meta", count=AT_ONCE):
        name = _META.match(key.decode())
        text = client.get(key) if name else None
        if name and text:
            found[name[1]] = float(json.loads(text).get("created", 0.0))
    return found


def retire_others(client: Client, keep: Collection[str], own: Collection[str]) -> list[str]:
    """Take snapshots out of Redis that nobody names: those of `own` that are not to `keep`; their ids.

    The newest stay, as one that was published and is not served yet. Another ranker's are not `own`.
    """
    there = published(client)
    mine = sorted(there.keys() & set(own), key=lambda each: there[each], reverse=True)
    gone = [each for each in mine[KEPT:] if each not in keep]
    for snapshot in gone:
        retire(client, snapshot)
    return gone


def retire(client: Client, snapshot: str) -> None:
    """Take a snapshot out of Redis: first what makes it one, then its items."""
    client.delete(meta_of(snapshot))
    for keys in _keys(client, snapshot):
        client.unlink(*keys)


def _keys(client: Client, snapshot: str) -> Iterator[list[Any]]:
    """Every key of a snapshot but its meta: some at a time, all of one shard."""
    by_shard: dict[bytes, list[Any]] = {}
    for key in client.scan_iter(match=f"{PREFIX}:{snapshot}:{{*", count=AT_ONCE):
        shard = key.split(b"}")[0]
        keys = by_shard.setdefault(shard, [])
        keys.append(key)
        if len(keys) == AT_ONCE:
            yield by_shard.pop(shard)
    yield from by_shard.values()


def _nodes(client: Client) -> list[Any]:
    if not is_cluster(client):
        return [client]
    return [client.get_redis_connection(node) for node in client.get_primaries()]
