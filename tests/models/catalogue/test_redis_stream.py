"""One connection to a real server: replies in order, patience counted in ticks, and ends that are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import hiredis
import pytest

from models.catalogue.redis_stream import TICKS, RedisConnectionLost, RedisStream, RedisUnavailable
from tests.models.catalogue.redises import LIMIT, Server, garble, proxy, server, swallow

WAIT = 0.2  # seconds for the next answer


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with server("valkey") as one:
        yield one


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LIMIT):
            await main()

    asyncio.run(limited())


async def connected(port: int, wait: float = WAIT) -> RedisStream:
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(lambda: RedisStream(wait / TICKS), "127.0.0.1", port))[1]


def packed(*commands: tuple[str, ...]) -> bytes:
    return b"".join(hiredis.pack_command(command) for command in commands)


def test_messages_under_way_together_get_their_own_replies(running: Server) -> None:
    """Of one and of several commands, with an error among them, and one that is given up on."""

    async def main() -> None:
        stream = await connected(running.port)
        asked = [
            asyncio.ensure_future(stream.ask(packed(("ECHO", f"{number}"), ("GET", "a", "b"), ("PING",)), 3))
            for number in range(50)
        ]
        await asyncio.sleep(0)
        asked[7].cancel()
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(found[7], asyncio.CancelledError)
        for number, replies in enumerate(found):
            if number != 7:
                assert isinstance(replies, list)
                echo, refused, pong = replies
                assert (echo, pong) == (f"{number}".encode(), b"PONG")
                assert isinstance(refused, hiredis.ReplyError)
        assert stream.usable
        stream.close()

    run(main)


def test_closed_it_tells_whoever_waits_and_whoever_asks(running: Server) -> None:
    async def main() -> None:
        stream = await connected(running.port)
        waiting = asyncio.ensure_future(stream.ask(packed(("BLPOP", "nothing", "0")), 1))
        await asyncio.sleep(0)
        stream.close()
        with pytest.raises(RedisConnectionLost, match="the connection was closed"):
            await waiting
        assert not stream.usable
        with pytest.raises(RedisConnectionLost, match="the connection has ended"):
            await stream.ask(packed(("PING",)), 1)
        stream.close()

    run(main)


def test_what_never_answers_is_unavailable_after_the_wait_for_all_that_wait(running: Server) -> None:
    async def main() -> None:
        async with proxy(running.port, swallow) as port:
            stream = await connected(port)
            asked = [stream.ask(packed(("PING",)), 1) for _ in range(3)]
            started = asyncio.get_running_loop().time()
            found = await asyncio.gather(*asked, return_exceptions=True)
            assert asyncio.get_running_loop().time() - started >= WAIT * 0.9
            assert [type(one) for one in found] == [RedisUnavailable] * 3
            assert {str(one) for one in found} == {f"Redis has not answered within {WAIT:g} s"}
            assert not stream.usable

    run(main)


def test_an_idle_connection_may_stay_idle(running: Server) -> None:
    """Patience counts from the first message that waits, not from the last answer."""

    async def main() -> None:
        stream = await connected(running.port)
        for _ in range(2):
            assert await stream.ask(packed(("PING",)), 1) == [b"PONG"]
            await asyncio.sleep(WAIT * 1.5)
        assert await stream.ask(packed(("PING",)), 1) == [b"PONG"]
        stream.close()

    run(main)


def test_one_answer_in_pieces_is_waited_for_no_longer_than_the_wait(running: Server) -> None:
    """Half an answer is none: only a whole one moves the queue on."""

    async def half(data: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data[: len(data) // 2])

    async def main() -> None:
        async with proxy(running.port, half) as port:
            stream = await connected(port)
            with pytest.raises(RedisUnavailable, match=f"has not answered within {WAIT:g} s"):
                await stream.ask(packed(("ECHO", "x" * 100)), 1)

    run(main)


def test_another_protocol_is_no_redis(running: Server) -> None:
    async def main() -> None:
        async with proxy(running.port, garble) as port:
            stream = await connected(port)
            with pytest.raises(RedisUnavailable, match="what answers is no Redis: "):
                await stream.ask(packed(("PING",)), 1)
            assert not stream.usable

    run(main)


def test_an_answer_that_nobody_asked_for_ends_the_connection(running: Server) -> None:
    """Whatever came next would be taken for the answer to something else."""

    async def twice(data: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data + data)

    async def main() -> None:
        async with proxy(running.port, twice) as port:
            stream = await connected(port)
            assert await stream.ask(packed(("PING",)), 1) == [b"PONG"]
            await asyncio.sleep(0.05)
            assert not stream.usable
            with pytest.raises(RedisConnectionLost, match="the connection has ended"):
                await stream.ask(packed(("PING",)), 1)

    run(main)
