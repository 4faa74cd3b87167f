"""A catalogue snapshot in Redis or Redis Cluster, for tables that outgrow a host.

    ballast:<snapshot>:meta              names, vocabularies, size, time, shards; written last
    ballast:<snapshot>:{<shard>}:<id>    one item: float32 of its numeric features, int32 of its codes

A request costs one MGET. On a cluster keys of one MGET must share a slot, so ids are spread over shards whose
number stands in braces (Redis hashes only that): one MGET per shard, all under way together.
"""

import asyncio
import json
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.catalogue import Catalogue, CatalogueError

PREFIX = "ballast"
CLUSTER_SHARDS = 16  # enough to spread over as many masters; each costs a request one more MGET
WAIT = 0.1  # seconds, a hundred times a healthy answer for few items and twenty times one for 3,000
FIRST_WAIT = 2.0  # seconds, for a connection or the map of a cluster to be made
PAUSE = 0.5  # seconds without asking, after Redis has failed to answer
_CHUNK = 2000  # items per write
FORMAT = 1

Client = Any  # redis.asyncio.Redis or redis.asyncio.RedisCluster
T = TypeVar("T")
Ids = Sequence[str | int]


class CatalogueUnavailable(Exception):  # noqa: N818  (the declared fallback order serves)
    """Redis has not answered in time, or not at all; the sentence says how."""


@dataclass(frozen=True, eq=False)
class FetchedItems:
    """Some items of a snapshot (models.catalogue.Items)."""

    snapshot: str
    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    numeric: NDArray[np.float32]
    codes: NDArray[np.int32]

    @property
    def size(self) -> int:
        """How many items."""
        return int(self.numeric.shape[1])


def connect(url: str) -> Client:
    """A client for `redis://…`, or for the cluster of a node `redis+cluster://…`. Connects when used."""
    import redis.asyncio as redis

    if url.startswith("redis+cluster://"):
        return redis.RedisCluster.from_url(url.replace("redis+cluster", "redis", 1))
    return redis.Redis.from_url(url)


def is_cluster(client: Client) -> bool:
    """Whether a client is one of a cluster."""
    import redis.asyncio as redis

    return isinstance(client, redis.RedisCluster)


async def publish(client: Client, catalogue: Catalogue) -> None:
    """Copy a snapshot into Redis: all items, then what makes it a snapshot. Repeating it is harmless."""
    shards = CLUSTER_SHARDS if is_cluster(client) else 1
    for first in range(0, catalogue.size, _CHUNK):
        rows = np.arange(first, min(first + _CHUNK, catalogue.size))
        packed = np.concatenate(
            [catalogue.numeric[:, rows].view(np.uint32), catalogue.codes[:, rows].view(np.uint32)]
        )
        blobs = np.ascontiguousarray(packed.T)
        by_shard: dict[int, dict[str, bytes]] = {}
        ids: Ids = catalogue.ids(rows)
        for one, blob in zip(ids, blobs, strict=True):
            shard = _shard(one, shards)
            by_shard.setdefault(shard, {})[_key(catalogue.snapshot, shard, one)] = blob.tobytes() or b"\0"
        for items in by_shard.values():
            await client.mset(items)
    meta = {
        "format": FORMAT,
        "snapshot": catalogue.snapshot,
        "created": catalogue.created,
        "size": catalogue.size,
        "ids": "text" if catalogue.id_type is str else "integer",
        "numeric": list(catalogue.numeric_names),
        "vocabularies": dict(zip(catalogue.categorical_names, catalogue.vocabularies, strict=True)),
        "shards": shards,
    }
    await client.set(f"{PREFIX}:{catalogue.snapshot}:meta", json.dumps(meta))


async def retire(client: Client, catalogue: Catalogue) -> None:
    """Take a snapshot out of Redis: first what makes it one, then its items."""
    shards = CLUSTER_SHARDS if is_cluster(client) else 1
    await client.delete(f"{PREFIX}:{catalogue.snapshot}:meta")
    for first in range(0, catalogue.size, _CHUNK):
        by_shard: dict[int, list[str]] = {}
        for one in catalogue.ids(np.arange(first, min(first + _CHUNK, catalogue.size))):
            shard = _shard(one, shards)
            by_shard.setdefault(shard, []).append(_key(catalogue.snapshot, shard, one))
        for keys in by_shard.values():
            await client.unlink(*keys)


@dataclass(eq=False)
class RedisCatalogue:
    """One snapshot in Redis. `fetch` waits `wait` seconds at most, and asks nobody while Redis is down."""

    client: Client
    snapshot: str
    created: float
    """Unix seconds."""
    size: int
    id_type: type[str] | type[int]
    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    shards: int
    wait: float = WAIT
    clock: Callable[[], float] = time.monotonic
    _paused: float = 0.0

    @classmethod
    async def open(cls, client: Client, snapshot: str, *, wait: float = WAIT) -> Self:
        """Read what a snapshot is. Raises CatalogueError where it is not there, CatalogueUnavailable."""
        text = await _within(max(wait, FIRST_WAIT), client.get(f"{PREFIX}:{snapshot}:meta"))
        if text is None:
            raise CatalogueError(f"Redis has no catalogue snapshot {snapshot}")
        meta: Mapping[str, Any] = json.loads(text)
        if meta["format"] != FORMAT:
            raise CatalogueError(
                f"snapshot {snapshot} has format {meta['format']!r}, this release reads {FORMAT}"
            )
        return cls(
            client=client,
            snapshot=snapshot,
            created=float(meta["created"]),
            size=int(meta["size"]),
            id_type=str if meta["ids"] == "text" else int,
            numeric_names=tuple(meta["numeric"]),
            categorical_names=tuple(meta["vocabularies"]),
            vocabularies=tuple(tuple(words) for words in meta["vocabularies"].values()),
            shards=int(meta["shards"]),
            wait=wait,
        )

    async def fetch(self, ids: Ids) -> tuple[FetchedItems, NDArray[np.int64]]:
        """The known ones among `ids`, and for each id its row among them, int64 (n), -1 where it is unknown.

        Raises CatalogueUnavailable, after `wait` seconds at most; then at once for half a second.
        """
        if set(map(type, ids)) - {self.id_type}:
            wrong = next(one for one in ids if type(one) is not self.id_type)
            raise TypeError(f"id {wrong!r}: the ids of this catalogue are {self.id_type.__name__}")
        if self.clock() < self._paused:
            raise CatalogueUnavailable("Redis failed a moment ago, and is asked again in half a second")
        try:
            blobs = await _within(self.wait, self._blobs(ids))
        except CatalogueUnavailable:
            self._paused = self.clock() + PAUSE
            raise
        return self._unpack(blobs)

    async def _blobs(self, ids: Ids) -> list[bytes | None]:
        if not ids:
            return []
        if self.shards == 1:
            head = f"{PREFIX}:{self.snapshot}:{{0}}:"
            return await self.client.mget([f"{head}{one}" for one in ids])  # type: ignore[no-any-return]
        places: dict[int, list[int]] = {}
        for place, one in enumerate(ids):
            places.setdefault(_shard(one, self.shards), []).append(place)
        parts = await asyncio.gather(
            *(
                self.client.mget([_key(self.snapshot, shard, ids[place]) for place in at])
                for shard, at in places.items()
            )
        )
        blobs: list[bytes | None] = [None] * len(ids)
        for at, part in zip(places.values(), parts, strict=True):
            for place, blob in zip(at, part, strict=True):
                blobs[place] = blob
        return blobs

    def _unpack(self, blobs: list[bytes | None]) -> tuple[FetchedItems, NDArray[np.int64]]:
        width = len(self.numeric_names) + len(self.categorical_names)
        known = [blob for blob in blobs if blob is not None]
        if len(known) == len(blobs):
            rows = np.arange(len(blobs), dtype=np.int64)
        else:
            there = np.array([blob is not None for blob in blobs])
            rows = np.where(there, np.cumsum(there) - 1, -1).astype(np.int64)
        joined = b"".join(known)
        if width and len(joined) != 4 * width * len(known):
            raise CatalogueUnavailable(f"Redis holds items of snapshot {self.snapshot} that are not its own")
        packed = np.frombuffer(joined, np.uint32, width * len(known)).reshape(len(known), width).T
        split = len(self.numeric_names)
        items = FetchedItems(
            self.snapshot,
            self.numeric_names,
            self.categorical_names,
            self.vocabularies,
            np.ascontiguousarray(packed[:split]).view(np.float32),
            np.ascontiguousarray(packed[split:]).view(np.int32),
        )
        return items, rows


async def _within(wait: float, answer: Awaitable[T]) -> T:
    from redis.exceptions import RedisError

    try:
        async with asyncio.timeout(wait):
            return await answer
    except TimeoutError:
        raise CatalogueUnavailable(f"Redis has not answered within {wait:g} s") from None
    except (RedisError, OSError) as error:
        raise CatalogueUnavailable(f"Redis does not answer: {error}") from error


def _key(snapshot: str, shard: int, one: str | int) -> str:
    return f"{PREFIX}:{snapshot}:{{{shard}}}:{one}"


def _shard(one: str | int, shards: int) -> int:
    return 0 if shards == 1 else zlib.crc32(str(one).encode()) % shards
