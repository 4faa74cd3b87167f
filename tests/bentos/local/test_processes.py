"""Child processes that end with their parent, and ports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bentos.environment import ROOT
from bentos.local.processes import SERVERS, Child, Children, StartError, check_port, free_port

SERVER = (
    "import http.server as h; h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
)


@pytest.fixture
def children() -> Iterator[Children]:
    """All are ended in the end."""
    found = Children()
    yield found
    found.stop(1.0)


def start(children: Children, folder: Path, code: str, port: int = 1) -> Child:
    return children.start(
        "a child",
        [sys.executable, "-c", code],
        env={"MARK": "here"},
        log=folder / "logs" / "child.log",
        cwd=folder,
        ready_url=f"http://127.0.0.1:{port}/",
    )


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_runs_in_its_folder_with_its_environment_and_log(children: Children, tmp_path: Path) -> None:
    child = start(children, tmp_path, "import os; print(os.environ['MARK'], os.getcwd())")
    child.process.wait(30)
    assert child.log.read_text() == f"here {tmp_path}\n"
    assert os.getpgrp() != child.process.pid
    assert children.dead() is child


def test_a_server_is_ready_once_it_answers(children: Children, tmp_path: Path) -> None:
    port = free_port()
    child = start(children, tmp_path, SERVER.format(port=port), port)
    children.wait_ready(child, 60)
    assert child.ready()
    assert children.dead() is None
    children.stop()
    assert not child.ready()
    assert children.all == []


def test_a_child_that_is_slow_is_waited_for_while_it_works(children: Children, tmp_path: Path) -> None:
    """Longer than it may do nothing."""
    port = free_port()
    slow = (
        f"import time\nfor n in range(12): print(n, flush=True); time.sleep(0.5)\n{SERVER.format(port=port)}"
    )
    child = start(children, tmp_path, slow, port)
    started = time.monotonic()
    children.wait_ready(child, 3.0)
    assert time.monotonic() - started > 3.0


def test_a_reason_to_wait_is_a_reason(children: Children, tmp_path: Path) -> None:
    """That of a child that does nothing because a person has to act first."""
    child = start(children, tmp_path, "import time; time.sleep(100)")
    asked: list[float] = []

    def waiting() -> bool:
        asked.append(time.monotonic())
        return asked[-1] - asked[0] < 2.0

    with pytest.raises(StartError, match="has done nothing for 1 s"):
        children.wait_ready(child, 1.0, waiting)
    assert asked[-1] - asked[0] > 2.5


def test_a_child_that_ends_is_not_waited_for(children: Children, tmp_path: Path) -> None:
    """The end of its log says why."""
    code = "for n in range(20): print('line', n)\nraise SystemExit(3)"
    child = start(children, tmp_path, code)
    child.process.wait(30)
    with pytest.raises(StartError) as error:
        children.wait_ready(child, 60)
    first, *lines = str(error.value).splitlines()
    assert first == f"a child ended with status 3; its log, {child.log}, says:"
    assert lines == [f"line {n}" for n in range(8, 20)]


def test_a_child_that_is_too_slow_is_named(children: Children, tmp_path: Path) -> None:
    child = start(children, tmp_path, "import time; print('busy', flush=True); time.sleep(60)")
    until(lambda: "busy" in child.last_words())
    with pytest.raises(StartError, match=r"a child is not ready, and has done nothing for 0 s.*says:\nbusy"):
        children.wait_ready(child, 0.3)


def test_what_ignores_the_request_is_killed_with_its_own_children(children: Children, tmp_path: Path) -> None:
    """The whole group ends."""
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(inner.pid, flush=True); time.sleep(60)"
    )
    child = start(children, tmp_path, code)
    until(lambda: child.last_words() != "")
    inner = int(child.last_words())
    children.stop(0.3)
    assert child.process.returncode == -signal.SIGKILL
    until(lambda: not psutil.pid_exists(inner) or psutil.Process(inner).status() == psutil.STATUS_ZOMBIE)


def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """However it dies."""
    code = (
        "import sys, time; from pathlib import Path; from bentos.local.processes import Children;"
        f"folder = Path({str(tmp_path)!r});"
        "child = Children().start('c', [sys.executable, '-c', 'import time; time.sleep(60)'], env={},"
        "log=folder / 'log', cwd=folder, ready_url='');"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_a_log_that_is_not_there_has_no_last_words(children: Children, tmp_path: Path) -> None:
    child = start(children, tmp_path, "")
    child.log.unlink()
    assert child.last_words() == ""


def test_a_port_that_is_taken_names_who_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError) as error:
            check_port(port, "BALLAST_PORT", "the service")
    said = str(error.value)
    assert said.startswith(f"port {port} for the service is taken by pid {os.getpid()} (")
    assert said.endswith("stop that, or choose another with BALLAST_PORT=…")
    check_port(port, "BALLAST_PORT", "the service")


def test_a_free_port_can_be_bound_and_is_below_those_of_clients() -> None:
    port = free_port()
    assert port in SERVERS
    check_port(port, "X", "y")
