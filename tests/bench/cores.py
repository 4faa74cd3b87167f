"""Two cores, one for the servers and one for the load; what processes cost; stopping and going on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil


def cores() -> tuple[int, int]:
    """The core of the servers and that of the load: the same one where a machine has only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """What this process starts meanwhile runs on one core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time of processes, user and system, from the scheduler's nanoseconds (proc(5), schedstat)."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                total += int((task / "schedstat").read_bytes().split()[0])
    return total / 1e9


def pin(pids: Iterable[int], core: int) -> None:
    """Keep running processes, with all their threads, on one core from now on."""
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(task.name), {core})


def family(pid: int) -> list[psutil.Process]:
    """A process and all its descendants; nothing where it has ended."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def resident(pids: Iterable[int]) -> int:
    """Bytes of memory that are these processes' own or shared, each process's counted (RSS)."""
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)


def own_memory(pids: Iterable[int]) -> int:
    """Bytes that would be free if these processes ended (USS)."""
    return sum(psutil.Process(pid).memory_full_info().uss for pid in pids)


def hold(pid: int) -> None:
    """Stop a server and all its processes, so that nothing it does in idleness disturbs another."""
    _signal(pid, signal.SIGSTOP)


def let_go(pid: int) -> None:
    """Let them run again."""
    _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: int) -> None:
    for process in family(pid):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def busy_share(seconds: float = 1.0) -> float:
    """How busy the machine is with others' work, 0 to 1 of all cores."""
    return float(psutil.cpu_percent(seconds)) / 100
