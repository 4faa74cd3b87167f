"""A catalogue snapshot in Redis or Redis Cluster, for tables that outgrow a host.

    ballast:<snapshot>:meta              names, vocabularies, size, time, shards; written last
    ballast:<snapshot>:{<shard>}         the shard's mark: where it is missing, Redis has lost the items (it
                                         was started again, say); where it is there, an id without a value
                                         is unknown
    ballast:<snapshot>:{<shard>}:<id>    one item: float32 of its numeric features, int32 of its codes

A request costs one MGET, of its shard's mark and its items. On a cluster keys of one MGET must share a slot,
so ids are spread over shards whose number stands in braces (Redis hashes only that): one MGET per shard, all
under way together.

Requests ask over connections of their own (models/catalogue/redis_link.py); commands that write use
redis-py's client.
"""

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import hiredis
import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue, CatalogueError
from models.catalogue.redis_cluster import ClusterLink
from models.catalogue.redis_link import WAIT, Address, RedisLink, RedisUnavailable

PREFIX = "ballast"
CLUSTER_SHARDS = 16  # enough to spread over as many masters; each costs a request one more MGET
_CHUNK = 2000  # items per write
FORMAT = 2

Client = Any  # redis.Redis or redis.RedisCluster
Link = RedisLink | ClusterLink
Ids = Sequence[str | int]


@dataclass(frozen=True, eq=False)
class FetchedItems:
    """Some items of a snapshot (models.catalogue.catalogue.Items)."""

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


_CLUSTER = re.compile(r"^(rediss?)\+cluster://")


def link(url: str, wait: float = WAIT) -> Link:
    """For requests: Redis at `redis://…` (redis_link.Address has the other forms), or the cluster of a
    node `redis+cluster://…` (`rediss+cluster://…`). Connects when asked."""
    if _CLUSTER.match(url):
        return ClusterLink(Address.of(_CLUSTER.sub(r"\1://", url)), wait)
    return RedisLink(Address.of(url), wait)


def connect(url: str, wait: float) -> Client:
    """For commands that write: redis-py's client, which waits `wait` seconds for each answer."""
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    limits: dict[str, Any] = {"socket_timeout": wait, "socket_connect_timeout": wait}
    if _CLUSTER.match(url):
        return redis.RedisCluster.from_url(_CLUSTER.sub(r"\1://", url), **limits)
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
    for shard in range(shards):
        client.set(_mark(catalogue.snapshot, shard), b"1")
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
    client.set(meta_of(catalogue.snapshot), json.dumps(meta))


def keys_of(client: Client, catalogue: Catalogue, rows: NDArray[np.int64], most: int) -> Iterator[list[str]]:
    """The keys of a snapshot's items in these rows, at most so many at a time, all of one shard."""
    shards = CLUSTER_SHARDS if is_cluster(client) else 1
    by_shard: dict[int, list[str]] = {}
    for first in range(0, len(rows), _CHUNK):
        for one in catalogue.ids(rows[first : first + _CHUNK]):
            shard = _shard(one, shards)
            keys = by_shard.setdefault(shard, [])
            keys.append(_key(catalogue.snapshot, shard, one))
            if len(keys) == most:
                yield by_shard.pop(shard)
    yield from by_shard.values()


@dataclass(eq=False)
class RedisCatalogue:
    """One snapshot in Redis."""

    link: Link
    snapshot: str
    created: float
    """Unix seconds."""
    size: int
    id_type: type[str] | type[int]
    numeric_names: tuple[str, ...]
    categorical_names: tuple[str, ...]
    vocabularies: tuple[tuple[str, ...], ...]
    shards: int

    @classmethod
    async def open(cls, link: Link, snapshot: str) -> Self:
        """Read what a snapshot is. Raises CatalogueError where it is not there, RedisUnavailable."""
        [text] = _sound(await link.ask([("GET", meta_of(snapshot))]))
        if text is None:
            raise CatalogueError(f"Redis has no catalogue snapshot {snapshot}")
        meta: Mapping[str, Any] = json.loads(text)
        if meta["format"] != FORMAT:
            raise CatalogueError(
                f"snapshot {snapshot} has format {meta['format']!r}, this release reads {FORMAT}"
            )
        return cls(
            link=link,
            snapshot=snapshot,
            created=float(meta["created"]),
            size=int(meta["size"]),
            id_type=str if meta["ids"] == "text" else int,
            numeric_names=tuple(meta["numeric"]),
            categorical_names=tuple(meta["vocabularies"]),
            vocabularies=tuple(tuple(words) for words in meta["vocabularies"].values()),
            shards=int(meta["shards"]),
        )

    async def fetch(self, ids: Ids) -> tuple[FetchedItems, NDArray[np.int64]]:
        """The known ones among `ids`, and for each id its row among them, int64 (n), -1 where it is unknown.

        Raises RedisUnavailable after a bounded wait; then at once for half a second.
        """
        if set(map(type, ids)) - {self.id_type}:
            wrong = next(one for one in ids if type(one) is not self.id_type)
            raise TypeError(f"id {wrong!r}: the ids of this catalogue are {self.id_type.__name__}")
        return self._unpack(await self._blobs(ids) if ids else [])

    async def _blobs(self, ids: Ids) -> list[bytes | None]:
        if self.shards == 1:
            head = _key(self.snapshot, 0, "")
            return (await self._mget({0: [f"{head}{one}" for one in ids]}))[0]
        places: dict[int, list[int]] = {}
        for place, one in enumerate(ids):
            places.setdefault(_shard(one, self.shards), []).append(place)
        keys = {
            shard: [_key(self.snapshot, shard, ids[place]) for place in at] for shard, at in places.items()
        }
        blobs: list[bytes | None] = [None] * len(ids)
        for at, part in zip(places.values(), await self._mget(keys), strict=True):
            for place, blob in zip(at, part, strict=True):
                blobs[place] = blob
        return blobs

    async def _mget(self, keys: Mapping[int, list[str]]) -> list[list[bytes | None]]:
        """The values of each shard's keys; the shard's mark, which is asked for first, must be there."""
        commands = [("MGET", _mark(self.snapshot, shard), *of_it) for shard, of_it in keys.items()]
        replies = _sound(await self.link.ask(commands))
        if any(found[0] is None for found in replies):
            raise RedisUnavailable(f"Redis has lost snapshot {self.snapshot}: publish it again")
        return [found[1:] for found in replies]

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
            raise RedisUnavailable(f"Redis holds items of snapshot {self.snapshot} that are not its own")
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


def _sound(replies: list[Any]) -> list[Any]:
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            raise RedisUnavailable(f"Redis refuses: {reply}")
    return replies


def meta_of(snapshot: str) -> str:
    """The key of what makes a snapshot one."""
    return f"{PREFIX}:{snapshot}:meta"


def _key(snapshot: str, shard: int, one: str | int) -> str:
    return f"{PREFIX}:{snapshot}:{{{shard}}}:{one}"


def _mark(snapshot: str, shard: int) -> str:
    return f"{PREFIX}:{snapshot}:{{{shard}}}"


def _shard(one: str | int, shards: int) -> int:
    return 0 if shards == 1 else zlib.crc32(str(one).encode()) % shards
