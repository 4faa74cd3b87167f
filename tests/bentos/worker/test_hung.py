"""What gives no sign of life is killed, and nobody on the strength of one's own standstill."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from bentos.home.acknowledgements import Ack
from bentos.home.live_processes import process_started, process_state
from bentos.home.state import CHAMPION, Home, write_atomically
from bentos.home.steward_report import StewardReport
from bentos.worker.hung import HELD_UP, Hung, Silent, steward, workers
from tests.bentos.home.clock import Clock


def found(process: subprocess.Popen[bytes], seconds: float) -> Callable[[float], Iterator[Silent]]:
    return lambda _: iter([Silent("worker", process.pid, process_started(process.pid) or 0, seconds, 10.0)])


def looks(hung: Hung, clock: Clock, seconds: int) -> None:
    for _ in range(seconds):
        clock.now += 1.0
        hung.look()


def test_beyond_its_limit_it_is_killed(other: subprocess.Popen[bytes]) -> None:
    """And that is told."""
    clock, told = Clock(1000.0), list[str]()
    hung = Hung(found(other, 999.0), told.append, clock)
    looks(hung, clock, 10)
    assert other.poll() is None
    looks(hung, clock, 1)
    assert other.wait(10) == -signal.SIGKILL
    assert told == [f"worker {other.pid} gave no sign of life for 11 s: it is killed and replaced"]


def test_who_stood_still_itself_begins_anew(other: subprocess.Popen[bytes]) -> None:
    """As after a machine slept: the others had no time either."""
    clock = Clock(1000.0)
    hung = Hung(found(other, 999.0), clock=clock)
    looks(hung, clock, 9)
    clock.now += HELD_UP + 1
    hung.look()
    looks(hung, clock, 10)
    assert other.poll() is None


def test_a_number_given_anew_is_left_alone(other: subprocess.Popen[bytes]) -> None:
    clock = Clock(1000.0)
    hung = Hung(lambda _: iter([Silent("worker", other.pid, 1, 999.0, 10.0)]), clock=clock)
    looks(hung, clock, 20)
    assert other.poll() is None


def test_a_stopped_worker_and_a_stopped_steward_are_found(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    """By what they wrote last; one that lives and only loads has longer."""
    home, now = Home(tmp_path), time.time()
    started = process_started(other.pid) or 0
    ack = Ack(other.pid, started, "ranker", 4, {CHAMPION: "7"}, time=now)
    write_atomically(home.acks / f"{other.pid}.json", msgspec.json.encode(ack))
    assert [*workers(home, 10.0)(now)] == []
    assert [*steward(home, 10.0)(now)] == []
    report = StewardReport(time=now, pid=other.pid, started=started)
    write_atomically(home.steward, msgspec.json.encode(report))
    assert [*steward(home, 10.0)(now)] == []
    [slow] = steward(home, 10.0)(now + 20)
    assert slow.limit > 60
    other.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
    [silent] = workers(home, 10.0)(now + 20)
    assert (silent.pid, silent.limit) == (other.pid, 10.0)
    assert 19 < silent.seconds <= 20
    look = steward(home, 10.0)
    [stopped] = look(now + 20)
    assert (stopped.name, stopped.limit) == ("Steward", 10.0)
    assert stopped.seconds == 0, "it may have been busy until now"
    [stopped] = look(now + 31)
    assert stopped.seconds == 11
    other.send_signal(signal.SIGCONT)
    while process_state(other.pid) in {"T", "t"}:
        time.sleep(0.01)
    assert next(look(now + 32)).limit > 60
    other.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
    assert next(look(now + 33)).seconds == 0


def test_a_steward_that_is_stopped_before_its_first_word_is_found(
    tmp_path: Path, other: subprocess.Popen[bytes]
) -> None:
    """The last report is of one that has ended; the new one was stopped while it started."""
    home, now = Home(tmp_path), time.time()
    ended = subprocess.Popen(["true"])
    ended.wait()
    report = StewardReport(time=now - 20, pid=ended.pid, started=1)
    write_atomically(home.steward, msgspec.json.encode(report))
    os.utime(home.steward, (now - 20, now - 20))
    look = steward(home, 10.0, lambda: other.pid)
    assert [*look(now)] == []  # it starts
    other.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
    [first] = look(now)
    [later] = look(now + 12)
    assert (first.pid, first.started, first.seconds) == (other.pid, process_started(other.pid), 0.0)
    assert later.seconds == 12.0
    assert [*steward(home, 10.0, lambda: None)(now)] == []
