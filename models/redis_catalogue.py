"""A catalogue snapshot in Redis or Redis Cluster, for tables that outgrow a host.

    ballast:<snapshot>:meta              names, vocabularies, size, time, shards; written last
    ballast:<snapshot>:{<shard>}:<id>    one item: float32 of its numeric features, int32 of its codes

A request costs one MGET. On a cluster keys of one MGET must share a slot, so ids are spread over shards whose
number stands in braces (Redis hashes only that): one MGET per shard, all under way together.

Redis is asked from a thread: for 3,000 keys redis-py's asyncio client takes four times as long as its plain
one.
"""

import asyncio
import json
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.catalogue import Catalogue, CatalogueError

PREFIX = "ballast"
CLUSTER_SHARDS = 16  # enough to spread over as many masters; each costs a request one more MGET
WAIT = 0.1  # seconds, a hundred times a healthy answer for few items and twenty times one for 3,000
THREADS = 4  # requests that may be at Redis at once
PAUSE = 0.5  # seconds without asking, after Redis has failed to answer
_CHUNK = 2000  # items per write
FORMAT = 1

Client = Any  # redis.Redis or redis.RedisCluster
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


def connect(url: str, wait: float = WAIT) -> Client:
    """A client for `redis://…`, or for the cluster of a node `redis+cluster://…`. Connects when used.

    A read or a connection that takes longer than `wait` seconds fails; a closed one is made again, once.
    """
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    limits: dict[str, Any] = {"socket_timeout": wait, "socket_connect_timeout": wait}
    if url.startswith("redis+cluster://"):
        return redis.RedisCluster.from_url(url.replace("redis+cluster", "redis", 1), **limits)
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 1), **limits)


def is_cluster(client: Client) -> bool:
    """Whether a client is one of a cluster."""
    import redis

    return isinstance(client, redis.RedisCluster)


def publish(client: Client, catalogue: Catalogue) -> None:
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
            client.mset(items)
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
    client.set(f"{PREFIX}:{catalogue.snapshot}:meta", json.dumps(meta))


def retire(client: Client, catalogue: Catalogue) -> None:
    """Take a snapshot out of Redis: first what makes it one, then its items."""
    shards = CLUSTER_SHARDS if is_cluster(client) else 1
    client.delete(f"{PREFIX}:{catalogue.snapshot}:meta")
    for first in range(0, catalogue.size, _CHUNK):
        by_shard: dict[int, list[str]] = {}
        for one in catalogue.ids(np.arange(first, min(first + _CHUNK, catalogue.size))):
            shard = _shard(one, shards)
            by_shard.setdefault(shard, []).append(_key(catalogue.snapshot, shard, one))
        for keys in by_shard.values():
            client.unlink(*keys)


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
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="redis")
    )

    @classmethod
    def open(cls, client: Client, snapshot: str, *, wait: float = WAIT) -> Self:
        """Read what a snapshot is. Raises CatalogueError where it is not there, CatalogueUnavailable."""
        text = _asked(lambda: client.get(f"{PREFIX}:{snapshot}:meta"))
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
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.wait):
                return await loop.run_in_executor(self._threads, self._fetch, ids)
        except TimeoutError:
            self._paused = self.clock() + PAUSE
            raise CatalogueUnavailable(f"Redis has not answered within {self.wait:g} s") from None
        except CatalogueUnavailable:
            self._paused = self.clock() + PAUSE
            raise

    def _fetch(self, ids: Ids) -> tuple[FetchedItems, NDArray[np.int64]]:
        return self._unpack(_asked(lambda: self._blobs(ids)) if ids else [])

    def _blobs(self, ids: Ids) -> list[bytes | None]:
        if self.shards == 1:
            head = f"{PREFIX}:{self.snapshot}:{{0}}:"
            return self.client.mget([f"{head}{one}" for one in ids])  # type: ignore[no-any-return]
        places: dict[int, list[int]] = {}
        for place, one in enumerate(ids):
            places.setdefault(_shard(one, self.shards), []).append(place)
        together = self.client.pipeline()
        for shard, at in places.items():
            together.execute_command("MGET", *(_key(self.snapshot, shard, ids[place]) for place in at))
        blobs: list[bytes | None] = [None] * len(ids)
        for at, part in zip(places.values(), together.execute(), strict=True):
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


def _asked(ask: Callable[[], T]) -> T:
    from redis.exceptions import RedisError
    from redis.exceptions import TimeoutError as RedisTimeout

    try:
        return ask()
    except RedisTimeout:
        raise CatalogueUnavailable("Redis has not answered in time") from None
    except (RedisError, OSError) as error:
        raise CatalogueUnavailable(f"Redis does not answer: {error}") from error


def _key(snapshot: str, shard: int, one: str | int) -> str:
    return f"{PREFIX}:{snapshot}:{{{shard}}}:{one}"


def _shard(one: str | int, shards: int) -> int:
    return 0 if shards == 1 else zlib.crc32(str(one).encode()) % shards
