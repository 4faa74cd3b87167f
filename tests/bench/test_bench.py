"""The measuring itself, held to account: a load client that miscounts would make every number wrong."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bentos.environment import ROOT
from tests.bench.client import Load, Target
from tests.bench.cores import cpu_seconds
from tests.bench.measure import BALLAST, Case, Results, Sample
from tests.bench.ratios import ratios

Answer = Callable[[int, bytes], bytes]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[int]:
    """A server of raw answers; `answer` gets the request's number on its connection and its body."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = 0
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            reply = answer(number, await reader.readexactly(length))
            number += 1
            if not reply:
                writer.close()
                return
            for start in range(0, len(reply), 7):  # answers come in pieces, cut anywhere
                writer.write(reply[start : start + 7])
                await asyncio.sleep(0)

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(quietly, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Runs an async test."""

    @functools.wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


def reply(status: int, body: bytes, headers: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def echo(_: int, body: bytes) -> bytes:
    return reply(200, body)


@in_a_loop
async def test_closed_loop_counts_what_the_server_answered() -> None:
    """Every answer is counted once, with the body that it answers."""
    served: list[bytes] = []

    def count(_: int, body: bytes) -> bytes:
        served.append(body)
        return reply(200, body)

    bodies = [f"body {number}".encode() for number in range(50)]
    async with server(count) as port:
        tally = await Load(Target(port, "/x", bodies)).closed(4, warm=0.0, seconds=0.5)
    assert 0 <= len(served) - tally.answered <= 8, "only what was under way at either end may differ"
    assert tally.statuses.keys() == {200}
    assert tally.broken == 0
    assert tally.kept
    assert all(answer == bodies[number] for number, answer in tally.kept)


@in_a_loop
async def test_statuses_retry_after_and_broken_connections_are_told_apart() -> None:
    """A 429 without Retry-After is not one with it, and a dropped connection is no answer."""

    def mixed(number: int, _: bytes) -> bytes:
        return (
            reply(200, b"{}"),
            reply(429, b"{}", "Retry-After: 1\r\n"),
            reply(429, b"{}"),
            reply(503, b"{}"),
            b"",
        )[number % 5]

    async with server(mixed) as port:
        tally = await Load(Target(port, "/x", [b"{}"])).closed(1, warm=0.0, seconds=0.5)
    assert tally.statuses.keys() == {200, 429, 503}
    assert tally.broken >= 5
    assert abs(tally.statuses[200] - tally.broken) <= 1
    assert abs(tally.retry_after * 2 - tally.statuses[429]) <= 2
    assert 0 <= tally.statuses[200] - len(tally.latencies) <= 1, "one was sent before the window began"


@in_a_loop
async def test_open_loop_does_not_wait_for_a_slow_server() -> None:
    """Requests are sent on schedule, and their latency counts from it: nothing is omitted by waiting."""
    seen: list[float] = []
    loop = asyncio.get_running_loop()

    def stall(_: int, __: bytes) -> bytes:
        seen.append(loop.time())
        if len(seen) == 20:
            blocked = loop.time() + 0.3
            while loop.time() < blocked:
                pass
        return reply(200, b"{}")

    async with server(stall) as port:
        order = [port, 200, 1.0]
        script = (
            "import asyncio, json, sys; from tests.bench.client import Load, Target\n"
            "port, rate, seconds = json.loads(sys.argv[1])\n"
            "t = asyncio.run(Load(Target(port, '/x', [b'{}'])).open(rate, seconds, 300))\n"
            "l = sorted(t.latencies); print(json.dumps([t.answered, t.unsent, t.broken, l[-1], l[-40]]))"
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", script, json.dumps(order)), cwd=ROOT, stdout=subprocess.PIPE
        )
        output, _ = await process.communicate()
    answered, unsent, broken, worst, fortieth = json.loads(output)
    assert 195 <= answered <= 201
    assert (unsent, broken) == (0, 0)
    assert worst > 0.25, "the request that was scheduled when the server stalled waited all of it"
    assert fortieth > 0.05, "200/s for 0.3 s: some 60 requests were due meanwhile, and all of them waited"


def test_cpu_is_what_was_burnt() -> None:
    """The scheduler's account of a process that burns CPU agrees with the process's own."""
    script = (
        "import time\nwhile time.process_time() < 0.4: pass\nprint(time.process_time(), flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        own = float(process.stdout.readline())
        assert cpu_seconds([process.pid]) == pytest.approx(own, abs=0.05)
        process.communicate("\n")


def test_ratios_pair_the_rounds() -> None:
    """A ratio is taken within a round: a slow round slows both, and cancels out."""

    def samples(*cpu: float) -> list[Sample]:
        return [Sample(value, value, 1000 / value, 1, 1, 1, 0) for value in cpu]

    results = Results(
        samples={
            Case(BALLAST, 10, 8): samples(0.2, 0.4, 0.2),
            Case("empty POST", 0, 8): samples(0.1, 0.2, 0.1),
            Case("BentoML's pattern", 10, 8): samples(2.4, 4.8, 2.4),
        },
        floors={("predict", 3000): [3.0, 6.0, 3.0], ("kernel", 3000): [0.9, 1.8, 0.9]},
    )
    found = {one.name: one for one in ratios(results)}
    empty = found["/rank CPU at N=10 ÷ CPU of an empty POST"]
    assert list(empty.values) == [2.0, 2.0, 2.0]
    assert empty.verdict == "reached"
    pattern = found["requests/s per core ÷ BentoML's pattern, N=10"]
    assert pattern.value == pytest.approx(12)
    assert pattern.verdict == "reached"
    assert found["kernel ÷ CatBoost predict, 3000 rows"].verdict == "reached, and what comes then"
    assert found["/rank CPU ÷ that predict, N=3000"].verdict == "not measured"


@pytest.mark.slow
def test_a_quick_run_end_to_end(tmp_path: Path) -> None:
    """Trains, starts everything, finds every answer equal to CatBoost's, and writes what it promises."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--json", "--out", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "BALLAST_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-3000:]
    found = json.loads(process.stdout)
    assert all(one["value"] for one in found["ratios"])
    assert found["answers_checked"] >= 24
    assert not any(one["failed"] for one in found["cases"] if one["system"].startswith("Ballast"))
    assert 5_000 < (tmp_path / "out" / "cost.png").stat().st_size < 100_000
