"""Processes that an earlier `ballast up` left behind: found by a mark in their environment, and ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil

from bentos.home.live_processes import process_started

MARK = "BALLAST_STARTED_BY"
"""The variable by which a process knows the `ballast up` that started it: its pid, and its start in ticks."""
GRACE = 3.0  # seconds to end by itself


def mark() -> dict[str, str]:
    """The variable for what this process starts."""
    return {MARK: f"{os.getpid()}:{process_started(os.getpid())}"}


def clear(home: Path) -> list[str]:
    """End what a `ballast up` over `home` left that is gone itself; a line for each, as "pid 7 (command)".

    Also what is stopped (SIGSTOP), and so can't end by itself.
    """
    found = [*_left(home)]
    said = [f"pid {process.pid} ({command(process)})" for process in found]
    for process in found:
        process.terminate()
    _, alive = psutil.wait_procs(found, GRACE)
    for process in alive:
        process.kill()
    psutil.wait_procs(alive, GRACE)
    return said


def owner(pid: int, home: Path) -> int | None:
    """The pid of the `ballast up` over `home` that started a process, which still runs; else None."""
    try:
        environment = psutil.Process(pid).environ()
    except psutil.Error:
        return None
    if environment.get("BALLAST_HOME") != str(home) or not _runs(environment.get(MARK, "")):
        return None
    return int(environment[MARK].partition(":")[0])


def command(process: psutil.Process) -> str:
    """What a process runs, cut to a few words."""
    try:
        words = process.cmdline()
    except psutil.Error:
        return "gone"
    named = words[words.index("--service-name") + 1 :][:1] if "--service-name" in words else words[:4]
    return " ".join(named)[:60]


def _left(home: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue  # another user's
        ours = environment.get("BALLAST_HOME") == str(home) and MARK in environment
        if ours and process.pid != os.getpid() and not _runs(environment[MARK]):
            yield process


def _runs(marked: str) -> bool:
    """Whether the process of a mark is still that one."""
    pid, _, started = marked.partition(":")
    return pid.isdecimal() and started.isdecimal() and process_started(int(pid)) == int(started)
