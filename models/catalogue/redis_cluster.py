"""A Redis Cluster on the event loop: each command goes to the node that holds its key's slot."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import hiredis

from models.catalogue.redis_link import WAIT, Address, Command, RedisLink, RedisUnavailable

SLOTS = 16384
_Node = tuple[str, int]


class ClusterLink:
    """All masters of a cluster for one event loop. Who holds what is learnt from any node that answers, and
    learnt anew once a node has failed or says that a slot has moved."""

    def __init__(
        self, address: Address, wait: float = WAIT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seed, self._wait, self._clock = address, wait, clock
        self._links: dict[_Node, RedisLink] = {}
        self._owners: list[_Node | None] = []  # by slot

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        """As RedisLink.ask; the second word of a command is its key, and all its keys are in one slot."""
        try:
            if not self._owners:
                await self._learn()
            replies = await self._asked(commands)
            moved = [place for place, reply in enumerate(replies) if _has_moved(reply)]
            if moved:
                await self._learn()
                again = await self._asked([commands[place] for place in moved])
                for place, reply in zip(moved, again, strict=True):
                    replies[place] = reply
            for place, reply in enumerate(replies):
                if _is_moving(reply):
                    replies[place] = await self._while_it_moves(commands[place], reply)
        except RedisUnavailable:
            self._owners = []
            raise
        return replies

    def close(self) -> None:
        """End all connections."""
        for link in self._links.values():
            link.close()

    async def _asked(self, commands: Sequence[Command]) -> list[Any]:
        by_node: dict[_Node, list[int]] = {}
        for place, command in enumerate(commands):
            by_node.setdefault(self._owner(command[1]), []).append(place)
        parts = await asyncio.gather(
            *(self._link(node).ask([commands[place] for place in at]) for node, at in by_node.items()),
            return_exceptions=True,  # all are waited for, so that none is left under way
        )
        replies: list[Any] = [None] * len(commands)
        for places, part in zip(by_node.values(), parts, strict=True):
            if isinstance(part, BaseException):
                raise part
            for place, reply in zip(places, part, strict=True):
                replies[place] = reply
        return replies

    async def _while_it_moves(self, command: Command, reply: Any) -> Any:
        """The reply to a command whose slot is under way: some keys are at one node, some at the other.

        `ASK` names the node that has them. `TRYAGAIN` says that neither has all: each is asked for alone,
        and those that are gone from here are where the next `ASK` says.
        """
        if _asks(reply):
            reply = await self._asking(command, reply)
        if command[0] != "MGET" or not _is_moving(reply):
            return reply
        alone: list[Command] = [("GET", key) for key in command[1:]]
        found = await self._asked(alone)
        return [
            await self._asking(each, one) if _asks(one) else one
            for each, one in zip(alone, found, strict=True)
        ]

    async def _asking(self, command: Command, reply: Any) -> Any:
        """Ask the node that an `ASK <slot> <host>:<port>` names; it answers what is asked for so, once."""
        host, _, port = str(reply).split(" ")[2].rpartition(":")
        link = self._link((host or self._seed.host, int(port)))
        return (await link.ask([("ASKING",), command]))[1]

    def _owner(self, key: str) -> _Node:
        from redis.crc import key_slot

        slot = key_slot(key.encode())
        owner = self._owners[slot]
        if owner is None:
            raise RedisUnavailable(f"no node of the Redis cluster holds slot {slot}")
        return owner

    def _link(self, node: _Node) -> RedisLink:
        if node not in self._links:
            host, port = node
            self._links[node] = RedisLink(replace(self._seed, host=host, port=port), self._wait, self._clock)
        return self._links[node]

    async def _learn(self) -> None:
        """Ask one node after the other: those that have just failed refuse at once."""
        why: Exception | None = None
        seed = (self._seed.host, self._seed.port)
        for node in list(dict.fromkeys([*self._links, seed])):
            try:
                [found] = await self._link(node).ask([("CLUSTER", "SLOTS")])
            except RedisUnavailable as error:
                why = error
                continue
            if isinstance(found, hiredis.ReplyError):
                raise RedisUnavailable(f"Redis at {node[0]}:{node[1]} is no cluster's node: {found}")
            self._owners = _owners(found, node[0])
            return
        raise why or RedisUnavailable("no node of the Redis cluster is known")


def _owners(slots: Any, asked: str) -> list[_Node | None]:
    """Of each slot its master, from `CLUSTER SLOTS`; a node that does not know its own name is `asked`."""
    owners: list[_Node | None] = [None] * SLOTS
    for first, last, master, *_ in slots:
        node = (master[0].decode() if master[0] else asked, int(master[1]))
        owners[first : last + 1] = [node] * (last + 1 - first)
    return owners


def _has_moved(reply: Any) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith("MOVED ")


def _asks(reply: Any) -> bool:
    return isinstance(reply, hiredis.ReplyError) and str(reply).startswith("ASK ")


def _is_moving(reply: Any) -> bool:
    return _asks(reply) or (isinstance(reply, hiredis.ReplyError) and str(reply).startswith("TRYAGAIN "))
