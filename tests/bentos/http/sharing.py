"""Workers that share one socket as the service's do, in processes of their own, with a stub for the answers.

`python -m tests.bentos.http.sharing FD FOLDER WORKERS SECONDS`: one worker; an answer takes so much CPU.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import uvicorn

from bentos.environment import ROOT
from bentos.http.admission import Admission
from bentos.http.asgi import Answer, Receive, Scope, Send
from bentos.http.fast_protocol import RankProtocol
from bentos.http.server import SharingServer

READY = 30.0  # seconds for a worker to start


class Busy:
    """Answers after so many seconds of CPU, in slices as scoring and recording are."""

    paths = frozenset({"/rank"})

    def __init__(self, seconds: float) -> None:
        self.admission = Admission()
        self._seconds = seconds

    async def answer(self, body: bytes) -> Answer:
        until = time.thread_time() + self._seconds
        while time.thread_time() < until:
            pass
        return Answer(b"%d" % os.getpid())

    def refusal(self) -> Answer:
        return Answer(b"no", 429, headers=((b"retry-after", b"1"),))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def main(number: int, folder: Path, workers: int, seconds: float) -> None:
    """One worker, until it is told to end."""
    RankProtocol.application = Busy(seconds)
    SharingServer.folder, SharingServer.workers = folder, workers
    config = uvicorn.Config(_nothing, http=RankProtocol, log_config=None, lifespan="off")
    SharingServer(config).run(sockets=[socket.socket(fileno=number)])


class Workers:
    """Some workers at one socket."""

    def __init__(self, folder: Path, count: int, seconds: float) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._folder, self._count, self._seconds = folder, count, seconds
        self.all: list[subprocess.Popen[bytes]] = []
        self.add(count)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def add(self, count: int = 1) -> None:
        """Start so many more; returns once they accept."""
        listener = self._listener.fileno()
        told = [str(listener), str(self._folder), str(self._count), str(self._seconds)]
        command = [sys.executable, "-m", "tests.bentos.http.sharing", *told]
        new = [subprocess.Popen(command, cwd=ROOT, pass_fds=[listener]) for _ in range(count)]
        self.all += new
        until = time.monotonic() + READY
        while not all(_listens(each.pid) for each in new):
            assert time.monotonic() < until, "the workers did not start"
            assert all(each.poll() is None for each in new), "a worker ended"
            time.sleep(0.02)

    def held(self, mine: Sequence[socket.socket]) -> list[int]:
        """By worker, how many of these connections it has accepted, as the kernel says."""
        ports = {each.getsockname()[1] for each in mine}
        return [sum(port in ports for port in _remote_ports(each.pid)) for each in self.all]

    def kill(self, place: int) -> None:
        """End one as a crash does."""
        gone = self.all.pop(place)
        gone.kill()
        gone.wait(10)

    def send(self, place: int, number: signal.Signals) -> None:
        """Send one a signal."""
        self.all[place].send_signal(number)

    def close(self) -> None:
        """End all of them."""
        for each in self.all:
            each.kill()
        for each in self.all:
            each.wait(10)
        self._listener.close()


def _listens(pid: int) -> bool:
    """Whether a worker accepts: its event loop's epoll has been told of the listening socket."""
    found = Path(f"/proc/{pid}/fdinfo")
    try:
        return any("tfd" in each.read_text() and _holds_lock(pid) for each in found.iterdir())
    except OSError:
        return False


def _holds_lock(pid: int) -> bool:
    return any(f" {pid} " in line for line in Path("/proc/locks").read_text().splitlines())


def _remote_ports(pid: int) -> list[int]:
    try:
        found = psutil.Process(pid).net_connections("tcp4")
    except psutil.NoSuchProcess:
        return []
    return [each.raddr.port for each in found if each.raddr]


@contextmanager
def workers(folder: Path, count: int, seconds: float = 0.0) -> Iterator[Workers]:
    """So many workers while the block runs."""
    found = Workers(folder, count, seconds)
    try:
        yield found
    finally:
        found.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
