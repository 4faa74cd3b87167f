"""The short way of a plain `/rank`: same answers as uvicorn's own way, however the bytes arrive."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from bentos.http.admission import Admission
from bentos.http.asgi import Answer
from bentos.http.fast_protocol import RankProtocol

MANY = 200_000


class Short:
    """Answers plain requests; `pause` holds every answer back."""

    paths = frozenset({"/rank"})

    def __init__(self) -> None:
        self.admission = Admission()
        self.pause: asyncio.Event | None = None

    async def answer(self, body: bytes) -> Answer:
        if self.pause is not None:
            await self.pause.wait()
        return Answer(b"short:" + body)

    def refusal(self) -> Answer:
        return Answer(b"no", 429, headers=((b"retry-after", b"1"),))


async def _long(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    answer = b"long:" + body
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@asynccontextmanager
async def served(short: Short) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    kind = type("Protocol", (RankProtocol,), {"application": short, "doors": None})
    server = uvicorn.Server(uvicorn.Config(_long, port=0, http=kind, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield server, server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, 10)


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = re.search(rb"content-length: (\d+)", head)
    assert length is not None, head
    return int(head[9:12]), head, await asyncio.wait_for(reader.readexactly(int(length[1])), 10)


async def _exchange(port: int, parts: Sequence[bytes], answers: int) -> list[tuple[int, bytes, bytes]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.001)
        return [await _read(reader) for _ in range(answers)]
    finally:
        writer.close()


def _plain(body: bytes, *headers: str) -> bytes:
    lines = [
        "POST /rank HTTP/1.1",
        "Host: x",
        *headers,
        f"Content-Length: {len(body)}",
        "Accept: */*",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + body


def _run(parts: Sequence[bytes], answers: int) -> list[bytes]:
    async def run() -> list[bytes]:
        async with served(Short()) as (_, port):
            return [body for _, _, body in await _exchange(port, parts, answers)]

    return asyncio.run(run())


@settings(max_examples=25)
@given(
    bodies=st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 600), max_size=6),
)
def test_answers_come_in_order_however_the_bytes_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(_plain(body) for body in bodies)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    parts = [stream[a:b] for a, b in itertools.pairwise(places) if b > a]
    found = _run(parts, len(bodies))
    assert [answer.partition(b":")[2] for answer in found] == bodies


def test_plain_requests_take_the_short_way_and_others_uvicorns() -> None:
    body = b"x" * MANY
    assert _run([_plain(b"{}"), _plain(b"[]", "Connection: keep-alive", "X-Any: ä")], 2) == [
        b"short:{}",
        b"short:[]",
    ]
    assert _run([_plain(body)[:70], _plain(body)[70:100_000], _plain(body)[100_000:]], 1) == [
        b"short:" + body
    ]
    for other in ("Connection: close", "Expect: 100-nothing", "Upgrade: h2c", "X-Empty-Name\t: no"):
        request = _plain(b"{}", other)
        if "Name" not in other:
            assert _run([request], 1) == [b"long:{}"], other
    chunked = b"POST /rank HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    elsewhere = _plain(b"{}").replace(b"/rank", b"/feedback")
    assert _run([chunked, _plain(b"1"), elsewhere, _plain(b"2")], 4) == [
        b"long:{}",
        b"short:1",
        b"long:{}",
        b"short:2",
    ]


def test_two_lengths_are_never_plain() -> None:
    async def run() -> bytes:
        async with served(Short()) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(_plain(b"{}", "Content-Length: 1"))
            found = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return found

    assert asyncio.run(run()).startswith(b"HTTP/1.1 400")


def test_a_shutdown_waits_for_the_answer() -> None:
    async def run() -> tuple[int, bytes, bytes]:
        short = Short()
        short.pause = asyncio.Event()
        async with served(short) as (server, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(_plain(b"{}"))
            await asyncio.sleep(0.1)
            server.should_exit = True
            await asyncio.sleep(0.3)
            short.pause.set()
            found = await _read(reader)
            assert await asyncio.wait_for(reader.read(), 10) == b""
            writer.close()
            return found

    status, head, body = asyncio.run(run())
    assert (status, body) == (200, b"short:{}")
    assert b"connection: close" in head


def test_what_is_not_admitted_is_refused_at_once() -> None:
    async def run() -> list[int]:
        short = Short()
        async with served(short) as (_, port):
            short.admission.enter = lambda _=0.0: None  # type: ignore[method-assign]
            (status, head, _) = (await _exchange(port, [_plain(b"{}")], 1))[0]
            assert b"retry-after: 1" in head
            del short.admission.enter
            return [status, *(one for one, _, _ in await _exchange(port, [_plain(b"{}")], 1))]

    assert asyncio.run(run()) == [429, 200]


def test_a_client_that_leaves_costs_nothing_but_its_answer() -> None:
    async def run() -> bytes:
        short = Short()
        short.pause = asyncio.Event()
        async with served(short) as (_, port):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(_plain(b"{}"))
            await asyncio.sleep(0.05)
            writer.transport.abort()
            await asyncio.sleep(0.05)
            short.pause.set()
            return (await _exchange(port, [_plain(b"1")], 1))[0][2]

    assert asyncio.run(run()) == b"short:1"
