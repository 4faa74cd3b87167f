"""Bounds of a connection, against a real server: heads, times, upgrades, whose names; answers that arrive."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from bentos.http import bounded_protocol
from bentos.http.asgi import Answer, App, Request
from bentos.http.bounded_protocol import HEAD
from bentos.http.doors import Doors
from bentos.http.fast_protocol import RankProtocol
from bentos.wire.messages import MAX_BODY
from tests.bentos.http.test_fast_protocol import Short

PLAIN = b"POST /rank HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"


async def _echo(request: Request) -> Answer:
    return Answer(b"long:" + request.body[:100])


async def _served(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await App({"/rank": {"POST": _echo}, "/status": {"GET": _echo}}, lambda *_: None)(
            scope, receive, send
        )


@asynccontextmanager
async def _serving() -> AsyncIterator[int]:
    kind = type("Bounded", (RankProtocol,), {"application": Short(), "doors": Doors.of("127.0.0.1")})
    server = uvicorn.Server(uvicorn.Config(_served, port=0, http=kind, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, 10)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


def talk(how: Talk) -> Any:
    """What comes of one connection."""

    async def run() -> Any:
        async with _serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await asyncio.wait_for(how(reader, writer), 20)
            finally:
                writer.close()

    return asyncio.run(run())


def said(*parts: bytes, close: bool = True) -> bytes:
    """Everything that the server says to these bytes until it closes, or for half a second."""

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        if close:
            return await reader.read()
        return await asyncio.wait_for(reader.readuntil(b"}"), 5)

    return bytes(talk(how))


def test_a_head_of_64_kb_is_answered_and_a_longer_one_is_not() -> None:
    """Whether it ever ends or not; however it is cut."""
    filler = b"X: " + b"x" * (HEAD - len(PLAIN) - 40) + b"\r\n"
    whole = PLAIN.replace(b"Content-Length", filler + b"Connection: close\r\nContent-Length")
    assert said(whole).endswith(b"long:{}")
    longer = b"GET /status HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * HEAD
    for parts in ([longer], [longer + b"\r\n\r\n"], [longer[:1000], longer[1000:]], [longer, b"x" * 2**20]):
        found = said(*parts)
        assert found.startswith(b"HTTP/1.1 431 "), found[:100]
        assert json.loads(found.partition(b"\r\n\r\n")[2])["rule"] == f"at most {HEAD} bytes"


def test_neither_trailers_nor_later_heads_grow_without_a_bound() -> None:
    chunked = b"POST /rank HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    trailers = b"0\r\n" + b"".join(b"T%d: x\r\n" % place for place in range(100_000))
    assert b"HTTP/1.1 431 " in said(chunked, trailers[:200_000], trailers[200_000:], trailers, trailers)
    assert b"HTTP/1.1 431 " in said(chunked, *[b"1;" + b"e" * 100_000] * 4)


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"\r\n", b""),
        (b"\r\n\r\n\r\n", b""),
        (b"POST /rank HT", b"HTTP/1.1 408 "),
        (b"\r\n\r\nPOST /rank HT", b"HTTP/1.1 408 "),
        (PLAIN[:-1], b"HTTP/1.1 408 "),
        (PLAIN.replace(b"Host", b"Origin: http://localhost\r\nHost")[:-1], b"HTTP/1.1 408 "),
        (PLAIN[:-6] + b"9\r\n\r\n{}", b"HTTP/1.1 408 "),
    ],
)
def test_what_is_not_whole_in_time_is_closed(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, answer: bytes
) -> None:
    """Nothing, blank lines, half a head or body on the short way and on uvicorn's; in time, not before."""
    monkeypatch.setattr(bounded_protocol, "WHOLE", 0.5)
    started = time.monotonic()
    found = said(sent)
    assert 0.4 < time.monotonic() - started < 5
    assert found[: len(answer)] == answer
    assert bool(found) == bool(answer)


def test_a_slow_request_that_is_whole_in_time_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the time starts anew with each."""
    monkeypatch.setattr(bounded_protocol, "WHOLE", 1.0)

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[bytes]:
        found = []
        for cut in (5, 30, len(PLAIN) - 1):
            writer.write(PLAIN[:cut])
            await asyncio.sleep(0.6)
            writer.write(PLAIN[cut:])
            head = await reader.readuntil(b"\r\n\r\n")
            found.append(head[9:12] + await reader.readexactly(int(head.partition(b"length: ")[2][:2])))
        return found

    assert [each.partition(b":")[2] for each in talk(how)] == [b"{}"] * 3


def test_an_idle_connection_is_closed_after_the_declared_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RankProtocol, "idle", 0.5)
    general = PLAIN.replace(b"Host", b"Origin: http://localhost\r\nHost")
    for parts in ([PLAIN], [general], [PLAIN, b"\r\n"], [general, b"\r\n\r\n"], [b"\r\n" + PLAIN]):
        started = time.monotonic()
        found = said(*parts)
        assert b"{}" in found
        assert found.count(b"HTTP/1.1 ") == 1
        assert 0.4 < time.monotonic() - started < 5


@pytest.mark.parametrize("upgrade", [b"h2c", b"websocket", b"TLS/1.0, HTTP/1.1"])
def test_who_asks_for_another_protocol_is_answered_in_this_one(upgrade: bytes) -> None:
    """As Java's client does with every request; the body is not lost."""
    more = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: %b\r\nHTTP2-Settings: AAMA\r\nHost" % upgrade
    assert b"long:{}" in said(PLAIN.replace(b"Host", more), close=False)
    cut = PLAIN.replace(b"Host", more)
    assert b"long:{}" in said(cut[:60], cut[60:-1], cut[-1:], close=False)
    shake = b"GET /rank HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert said(shake, close=False).startswith(b"HTTP/1.1 405 ")
    assert said(b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n").startswith(b"HTTP/1.1 405 ")


def test_other_names_and_origins_are_refused_on_both_ways() -> None:
    for other in (b"Host: evil.example", b"Host: localhost\r\nOrigin: http://evil.example"):
        for request in (PLAIN, PLAIN.replace(b"POST /rank", b"GET /status")):
            found = said(request.replace(b"Host: localhost", other))
            assert found.startswith((b"HTTP/1.1 421 ", b"HTTP/1.1 403 ")), found
    assert said(PLAIN.replace(b"Host: localhost\r\n", b"")).startswith(b"HTTP/1.1 400 ")
    pipelined = PLAIN.replace(b"/rank", b"/x") + PLAIN.replace(b"localhost", b"evil.example")
    assert b"HTTP/1.1 421 " in said(pipelined)


def test_a_get_s_head_is_answered() -> None:
    found = said(b"HEAD /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 200 ")
    assert found.endswith(b"\r\n\r\n")


def test_a_body_that_is_encoded_is_refused() -> None:
    found = said(PLAIN.replace(b"Host", b"Content-Encoding: gzip\r\nHost"), close=False)
    assert found.startswith(b"HTTP/1.1 415 ")
    assert b"long:{}" in said(PLAIN.replace(b"Host", b"Content-Encoding: identity\r\nHost"), close=False)


def test_the_answer_to_too_much_arrives_while_it_is_sent() -> None:
    """A client that sends all of it first, and reads then, as Python's urllib: twenty times of twenty."""
    body = b"x" * (MAX_BODY + 2**20)

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST /rank HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 65_536):
            writer.write(body[start : start + 65_536])
            await writer.drain()
        return await reader.read()

    assert [talk(how)[:13] for _ in range(20)] == [b"HTTP/1.1 413 "] * 20


@settings(max_examples=60)
@given(st.binary(max_size=200), st.lists(st.integers(0, 250), max_size=4))
def test_whatever_comes_the_next_connection_is_answered(garbage: bytes, cuts: list[int]) -> None:
    """Bytes of no sense, alone or in place of a header, cut anywhere: never a 500, and nothing breaks."""
    stream = PLAIN.replace(b"\r\nHost", b"\r\nX: " + garbage + b"\r\nHost")
    places = sorted({0, *(min(cut, len(stream)) for cut in cuts), len(stream)})

    async def run() -> tuple[bytes, bytes]:
        async with _serving() as port:
            found = []
            for parts in (
                [garbage, b"\r\n\r\n"],
                [stream[a:b] for a, b in itertools.pairwise(places)],
                [PLAIN],
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                for part in parts:
                    writer.write(part)
                    await asyncio.sleep(0)
                writer.write_eof()
                try:
                    found.append(await asyncio.wait_for(reader.read(16), 0.05 if parts[0] != PLAIN else 5))
                except TimeoutError:
                    found.append(b"")
                writer.close()
            return b" ".join(found[:2]), found[2]

    earlier, last = asyncio.run(run())
    assert b" 500 " not in earlier
    assert last.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "head",
    [
        b"get /rank HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /rank HTTPS/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /rank HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /rank HTTP/1.1\r\nHost: localhost\r\na b: c\r\n\r\n",
        b"POST /rank HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_answered_though_its_client_still_sends(head: bytes) -> None:
    """At once closed, the connection would be reset under five megabytes, and the answer lost with it."""

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(head)
        for _ in range(80):
            writer.write(b"x" * 65536)
            await writer.drain()
        return await reader.read()

    found = talk(how)
    assert found.startswith(b"HTTP/1.1 400 ")
    assert b"cannot be read as HTTP/1.1" in found
    assert found.count(b"HTTP/1.1 4") == 1


@pytest.mark.parametrize(
    ("first", "status"),
    [(b"POST /what", 404), (b"PUT /rank", 405), (b"OPTIONS http://localhost/rank", 405), (b"GET /rank", 405)],
)
def test_who_sends_a_body_that_nobody_reads_gets_the_answer(first: bytes, status: int) -> None:
    """The connection is to be closed, and the answer is there before the body is: five megabytes."""

    async def how(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        lines = [first + b" HTTP/1.1", b"Host: localhost", b"Content-Length: 5242880", b"Connection: close"]
        writer.write(b"\r\n".join([*lines, b"", b""]))
        await asyncio.sleep(0.1)
        for _ in range(80):
            writer.write(b"x" * 65536)
            await writer.drain()
        return await reader.read()

    assert talk(how).startswith(b"HTTP/1.1 %d " % status)
