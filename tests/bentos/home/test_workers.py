"""Who lives is known from the processes: signs of life, stops, and how many there should be."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import msgspec

from bentos.home.acknowledgements import Ack, acknowledge
from bentos.home.live_processes import process_started
from bentos.home.state import CHAMPION, Home, State, write_atomically
from bentos.home.workers import QUIET, Worker, beat, complete, living, problems

STATE = State(4, "small", "snap", {CHAMPION: "7"})


def put(home: Home, pid: int, of: int = 2) -> None:
    ack = Ack(pid, process_started(pid) or 0, "ranker", 4, {CHAMPION: "7"}, time=time.time(), of=of)
    write_atomically(home.acks / f"{pid}.json", msgspec.json.encode(ack))


def test_one_of_two_is_said(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    """At once, when the other one is killed."""
    home = Home(tmp_path)
    acknowledge(home.acks, "ranker", STATE, of=2)
    put(home, other.pid)
    both = living(home, time.time())
    assert complete(both)
    other.kill()
    other.wait()
    one = living(home, time.time())
    assert not complete(one)
    assert [*problems(one)] == ["1 of 2 workers answers (another is being started)"]


def test_a_stopped_one_does_not_answer(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    home = Home(tmp_path)
    acknowledge(home.acks, "ranker", STATE, of=2)
    put(home, other.pid)
    other.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
    said = [*problems(living(home, time.time()))]
    assert said == [
        "1 of 2 workers answers",
        f"worker {other.pid} (ranker) is stopped (SIGSTOP): it is replaced soon",
    ]


def test_a_sign_of_life_is_a_touch(tmp_path: Path) -> None:
    """Nothing before the first acknowledgement; silence is said after some seconds."""
    home = Home(tmp_path)
    beat(home)
    assert living(home, time.time()) == []
    ack = acknowledge(home.acks, "ranker", STATE, of=1)
    later = ack.time + QUIET + 1
    [quiet] = living(home, later)
    assert not quiet.answers
    assert [*problems([quiet])][-1] == f"worker {ack.pid} (ranker) gave no sign of life for 4 s"
    os.utime(home.acks / f"{ack.pid}.json", (later, later))
    [again] = living(home, later)
    assert again == Worker(ack, 0.0, False)
    assert complete([again])
    assert not complete([])
