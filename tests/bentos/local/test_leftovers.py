"""What a `ballast up` left behind is ended by the next one over the same home, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bentos.local import leftovers
from bentos.local.leftovers import MARK, clear, mark, owner
from bentos.local.processes import StartError, check_port, free_port

SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    found: list[subprocess.Popen[bytes]] = []
    yield found
    for process in found:
        process.kill()
        process.wait()


def start(
    started: list[subprocess.Popen[bytes]], home: Path, by: str, code: str = SLEEPS
) -> subprocess.Popen[bytes]:
    """A process whose environment can be read: the kernel shows it a moment after `exec`."""
    environment = {**os.environ, "BALLAST_HOME": str(home), MARK: by}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    started.append(process)
    deadline = time.monotonic() + 10
    while MARK not in psutil.Process(process.pid).environ():
        assert time.monotonic() < deadline, "no environment to be read"
        time.sleep(0.002)
    return process


def test_what_is_left_is_ended_also_where_it_is_stopped(
    started: list[subprocess.Popen[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of this home, and of a `ballast up` that is gone; the others go on."""
    monkeypatch.setattr(leftovers, "GRACE", 1.0)
    gone = "999999999:1"
    left, stopped = start(started, tmp_path, gone), start(started, tmp_path, gone)
    stopped.send_signal(signal.SIGSTOP)
    elsewhere = start(started, tmp_path / "other", gone)
    own = start(started, tmp_path, mark()[MARK])
    said = clear(tmp_path)
    assert {line.split()[1] for line in said} == {str(left.pid), str(stopped.pid)}
    assert not any(psutil.pid_exists(each.pid) for each in (left, stopped))
    assert elsewhere.poll() is own.poll() is None
    assert clear(tmp_path) == []


def test_a_number_given_anew_is_another_process(
    started: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    """A mark has the start of its process."""
    pid, _, ticks = mark()[MARK].partition(":")
    process = start(started, tmp_path, f"{pid}:{int(ticks) - 1}")
    assert owner(process.pid, tmp_path) is None
    assert len(clear(tmp_path)) == 1


def test_a_port_is_held_by_ones_own_process(started: list[subprocess.Popen[bytes]], tmp_path: Path) -> None:
    """And the sentence says whose."""
    port = free_port()
    code = (
        f"import socket, time; s = socket.socket(); s.bind(('127.0.0.1', {port})); s.listen();"
        "print('!', flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "BALLAST_HOME": str(tmp_path), **mark()}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
    started.append(process)
    assert process.stdout is not None
    process.stdout.readline()
    assert owner(process.pid, tmp_path) == os.getpid()
    said = f"by pid {process.pid}, a process of the `ballast up` \\(pid {os.getpid()}\\) that runs over "
    with pytest.raises(StartError, match=said):
        check_port(port, "BALLAST_PORT", "the service", tmp_path)
    assert clear(tmp_path) == []
