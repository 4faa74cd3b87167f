"""A change is taken up when every worker says so, and otherwise it is said what is wrong."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import msgspec

from bentos.home.acknowledgements import Ack, acknowledge
from bentos.home.live_processes import process_started
from bentos.home.state import CHAMPION, Home, State, write_atomically
from bentos.home.steward_report import ReportWriter, StewardReport
from bentos.home.uptake import problems_of, taken_up
from tests.bentos.home.clock import Clock


def state(experiments: str, epoch: int = 1) -> State:
    return State(epoch, "small", "s", {CHAMPION: "1"}, experiments=experiments)


def other_worker(home: Home, kind: str, experiments: str) -> None:
    """The acknowledgement of another living process: this one's parent."""
    pid = 1
    ack = Ack(pid, process_started(pid) or 0, kind, 1, {CHAMPION: "1"}, experiments=experiments)
    write_atomically(home.acks / f"{pid}.json", msgspec.json.encode(ack))


def test_every_ranker_must_have_taken_it_up(tmp_path: Path) -> None:
    """Scorers serve no experiments; without any worker nobody serves it."""
    home = Home(tmp_path)
    assert taken_up(home, "b", patience=0.05) is None
    acknowledge(home.acks, "ranker", state("b"))
    assert taken_up(home, "b", patience=0.05) is not None
    assert taken_up(home, "c", patience=0.05) is None
    other_worker(home, "ranker", "a")
    assert taken_up(home, "b", patience=0.05) is None
    other_worker(home, "scorer", "a")
    assert taken_up(home, "b", patience=0.05) is not None


def test_a_worker_with_a_problem_has_not_taken_it_up(tmp_path: Path) -> None:
    """Whatever it says that it serves."""
    home = Home(tmp_path)
    acknowledge(home.acks, "ranker", state("b"), "epoch 2 can't be served: gone")
    assert taken_up(home, "b", patience=0.05) is None


def test_it_waits_for_the_last_one(tmp_path: Path) -> None:
    """And says how long that took, in seconds."""
    home = Home(tmp_path)
    acknowledge(home.acks, "ranker", state("a"))
    later = threading.Timer(0.3, acknowledge, (home.acks, "ranker", state("b", 2)))
    later.start()
    found = taken_up(home, "b", patience=30.0)
    later.join()
    assert found is not None
    assert 0.2 < found < 30.0


def test_what_is_wrong_is_said_by_worker_and_steward(tmp_path: Path) -> None:
    """Nobody runs; a worker's problem; a Steward that is silent, and its own problems."""
    home = Home(tmp_path)
    assert list(problems_of(home)) == ["no worker is running", "the Steward has not run yet"]
    acknowledge(home.acks, "ranker", state("a"), "epoch 2 can't be served: gone")
    clock = Clock(time.time())
    ReportWriter(home, clock).write(StewardReport(problems=("it rains",)))
    assert list(problems_of(home)) == ["epoch 2 can't be served: gone", "it rains"]
    acknowledge(home.acks, "ranker", state("a"))
    clock.now -= 100.0
    ReportWriter(home, clock).write(StewardReport())
    [silent] = problems_of(home)
    assert silent.startswith("the Steward was last seen 100 s ago")
