"""The state in Redis, for replicas on several hosts: one Steward leads and publishes, the others follow.

    ballast:state:{<ranker>}:holder               who leads; runs out unless it is renewed
    ballast:state:{<ranker>}:state                epoch and document: what is to be served
    ballast:state:{<ranker>}:experiments:<digest> a live.yaml that was live, compiled

Braces keep a ranker's keys on one node of a cluster, so that each script is one step.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bentos.home.state import State
from models.catalogue.redis_catalogue import connect
from monitoring.errors import UserError
from monitoring.log.struck import StruckWindow

HOLDS = 5.0  # seconds that leading lasts without renewal; then nobody moves the state
WAIT = 0.3  # seconds for one answer of Redis

_LEAD = """
local holder = redis.call('GET', KEYS[1])
if not holder and ARGV[3] == '1' then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return ARGV[1]
end
if holder == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return holder or ''
"""

_PUBLISH = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end
local epoch = redis.call('HGET', KEYS[2], 'epoch')
if epoch and tonumber(epoch) > tonumber(ARGV[2]) then return 'older' end
if #KEYS == 3 then redis.call('SET', KEYS[3], ARGV[4]) end
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'document', ARGV[3])
return 'published'
"""

_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end"


class Document(msgspec.Struct, frozen=True):
    """What everybody is to serve, with what it came from: live.yaml as it is written, and `rollouts.json`.

    Both are None where the file held something else at that moment: the others then keep theirs.
    `corrections` are the files that the state names, by digest. `struck` are the windows of the log that
    people have struck from evidence; None where that is not known. `packages` are the digests of the
    versions' manifests, as they were judged.
    """

    state: State
    live: str | None = None
    rollouts: str | None = None
    corrections: dict[str, str] = {}
    struck: tuple[StruckWindow, ...] | None = None
    packages: dict[str, str] = {}


class SharedUnavailable(UserError):  # noqa: N818 - an event, not a defect
    """Redis didn't answer, or with something that is no state; the sentence says which."""


class Shared:
    """One ranker's state in Redis, as one Steward sees it. `name` tells it from all others.

    Every method raises SharedUnavailable.
    """

    def __init__(self, url: str, ranker: str, name: str) -> None:
        self._url = url
        self.name = name
        self._prefix = f"ballast:state:{{{ranker}}}"
        self._connected: Any = None

    def lead(self, *, take: bool) -> str:
        """Who leads now, "" for nobody. Renews it if it is this one; takes it where it is free and `take`."""
        found = self._run(_LEAD, [self._key("holder")], [self.name, int(HOLDS * 1000), int(take)])
        return bytes(found).decode()

    def release(self) -> None:
        """Let somebody else lead at once."""
        self._run(_RELEASE, [self._key("holder")], [self.name])

    def read(self) -> Document | None:
        """What is to be served; None where nobody has published anything."""
        document = self._ask("HGET", self._key("state"), "document")
        if document is None:
            return None
        try:
            return msgspec.json.decode(document, type=Document)
        except msgspec.MsgspecError as error:
            raise SharedUnavailable(f"{self._key('state')} is not a state: {error}") from error

    def compiled(self, digest: str) -> bytes:
        """The live.yaml of a digest, compiled."""
        found = self._ask("GET", self._key(f"experiments:{digest}"))
        if found is None:
            raise SharedUnavailable(f"{self._key('experiments:' + digest)} is missing")
        return bytes(found)

    def publish(self, document: Document, compiled: bytes | None) -> bool:
        """Whether it is out: only from who leads, and never an older epoch over a newer one."""
        keys = [self._key("holder"), self._key("state")]
        values: list[Any] = [self.name, document.state.epoch, msgspec.json.encode(document)]
        if compiled is not None:
            keys.append(self._key(f"experiments:{document.state.experiments}"))
            values.append(compiled)
        return bytes(self._run(_PUBLISH, keys, values)) == b"published"

    def _key(self, what: str) -> str:
        return f"{self._prefix}:{what}"

    def _run(self, script: str, keys: list[str], values: list[Any]) -> Any:
        return self._ask("EVAL", script, len(keys), *keys, *values)

    def _ask(self, *command: Any) -> Any:
        import redis

        try:
            self._connected = self._connected or connect(self._url, WAIT)
            return self._connected.execute_command(*command)
        except (redis.RedisError, redis.exceptions.RedisClusterException, OSError) as error:
            raise SharedUnavailable(f"Redis: {error}") from error
