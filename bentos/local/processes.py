"""Child processes that end with their parent, and ports: for `ballast up` and for tests."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bentos.local.leftovers import owner
from bentos.parentage import signalled_with_parent
from monitoring.errors import UserError

SERVERS = range(15_000, 32_000)  # below the ports that systems give to outgoing connections


class StartError(UserError):
    """Something that can't be started; the message says what, why, and what to do."""


@dataclass
class Child:
    """A process in a process group of its own, writing to a log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ready_url: str

    def ready(self) -> bool:
        """Whether it answers its readiness address with a 2xx."""
        try:
            with urllib.request.urlopen(self.ready_url, timeout=2) as answer:  # noqa: S310 - loopback
                return bool(200 <= answer.status < 300)
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def life(self) -> tuple[int, int]:
        """Bytes of its log and seconds of CPU that it and its children took: while it works, they grow."""
        size, used = 0, 0.0
        with suppress(OSError):
            size = self.log.stat().st_size
        with suppress(psutil.Error):
            own = psutil.Process(self.process.pid)
            for each in (own, *own.children(recursive=True)):
                with suppress(psutil.Error):
                    used += sum(each.cpu_times()[:2])
        return size, int(used)

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        with suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""


@dataclass
class Children:
    """Everything that was started, stopped together."""

    all: list[Child] = field(default_factory=list)

    def start(  # noqa: PLR0913 - what a process is: all of it by name
        self, name: str, command: list[str], *, env: Mapping[str, str], log: Path, cwd: Path, ready_url: str
    ) -> Child:
        """Start a process that gets SIGTERM when this one dies, however it dies."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env={**os.environ, **env},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=signalled_with_parent,  # noqa: PLW1509 - one system call, before any thread exists
            )
        child = Child(name, process, log, ready_url)
        self.all.append(child)
        return child

    def clear(self, child: Child) -> None:
        """Forget one that has ended, and end what it left in its group."""
        _signal_group(child, signal.SIGKILL)
        child.process.wait()
        self.all.remove(child)

    def dead(self) -> Child | None:
        """The first process that ended by itself."""
        return next((child for child in self.all if child.process.poll() is not None), None)

    def wait_ready(self, child: Child, seconds: float, waiting: Callable[[], bool] | None = None) -> None:
        """Poll readiness. Raises StartError when the process ends, or nothing goes on in it for so long.

        A slow machine is waited for as long as the process works or says something in its log. `waiting` is
        called again and again; True is a reason to wait for something else than the process.
        """
        deadline, before = time.monotonic() + seconds, child.life()
        while not child.ready():
            reason = waiting is not None and waiting()
            if reason or time.monotonic() > deadline - seconds / 2:
                before, last = child.life(), before
                if reason or before != last:
                    deadline = time.monotonic() + seconds
            if child.process.poll() is not None:
                raise StartError(
                    f"{child.name} ended with status {child.process.returncode}; its log, {child.log}, "
                    f"says:\n{child.last_words()}"
                )
            if time.monotonic() > deadline:
                raise StartError(
                    f"{child.name} is not ready, and has done nothing for {seconds:.0f} s; its log, "
                    f"{child.log}, says:\n{child.last_words()}"
                )
            time.sleep(0.1)

    def stop(self, seconds: float = 7.0) -> None:
        """Ask every group to end, wait together, then kill what is left."""
        for child in self.all:
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for child in self.all:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
        for child in self.all:
            _signal_group(child, signal.SIGKILL)  # also what a dead leader left in its group
            child.process.wait()
        self.all.clear()


def _signal_group(child: Child, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, number)


def check_port(port: int, variable: str, purpose: str, home: Path | None = None) -> None:
    """Raises StartError with one line when a port is taken, naming who has it where that can be seen.

    What a `ballast up` over the same `home` has started is named as its own.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            who = f"port {port} for {purpose} is taken{_holder(port, home)}"
            raise StartError(f"{who}, or choose another with {variable}=…") from error


def _holder(port: int, home: Path | None) -> str:
    """Who has a port, and what to do about it."""
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                process = psutil.Process(connection.pid)
                up = None if home is None else owner(process.pid, home)
                if up is not None:
                    return (
                        f" by pid {process.pid}, a process of the `ballast up` (pid {up}) that runs over "
                        f"{home}: end that one"
                    )
                return f" by pid {process.pid} ({' '.join(process.cmdline())[:60]}): stop that"
    return ": stop what has it"


def free_port() -> int:
    """A port that is free now, and that no outgoing connection takes before a server has come up on it."""
    for port in random.SystemRandom().sample(SERVERS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise StartError(f"a hundred ports between {SERVERS[0]} and {SERVERS[-1]} are taken")
