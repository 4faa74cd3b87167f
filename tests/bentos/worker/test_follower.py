"""Following the state: swapped whole, acknowledged, and kept where the next one can't be loaded."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from bentos.home.acknowledgements import Ack, read_acks
from bentos.home.state import CHALLENGER, CHAMPION, Home, kept_beside
from bentos.worker import follower
from bentos.worker.follower import Follower
from bentos.worker.mapped_files import Mapped
from bentos.worker.serving import Serving
from tests.bentos.worker.states import put_live, put_state
from tests.bentos.worker.writing import writer
from tests.overwrite import overwrite


def ack(home: Home) -> Ack:
    """What this process says that it serves."""
    [found] = read_acks(home.acks)
    return found


def serving(worker: Follower) -> Serving:
    assert worker.current is not None
    return worker.current


@pytest.fixture
def started(own_home: Home) -> Iterator[Follower]:
    """A worker that follows in a thread, until the test ends."""
    worker = Follower(own_home, "ranker")
    worker.start()
    yield worker
    worker.stop()
    assert not any(thread.name == "follow-state" for thread in threading.enumerate())


def wait(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_before_the_first_promotion_there_is_nothing(own_home: Home) -> None:
    """No state: a sentence, and no acknowledgement."""
    worker = Follower(own_home, "ranker")
    worker.look()
    assert (worker.current, worker.problem) == (None, "no state yet: nothing has been promoted")
    assert read_acks(own_home.acks) == []


def test_a_state_is_loaded_and_acknowledged(own_home: Home) -> None:
    """Once; by kind, process, versions, snapshot and experiments."""
    live = put_live(own_home)
    state = put_state(own_home, 4, experiments=live.digest)
    seen: list[Serving] = []
    worker = Follower(own_home, "scorer", seen.append)
    worker.look()
    assert (serving(worker).state, worker.problem) == (state, None)
    assert seen == [worker.current]
    found = ack(own_home)
    assert (found.kind, found.pid, found.epoch, found.problem) == ("scorer", os.getpid(), 4, None)
    assert (found.versions, found.snapshot) == ({CHAMPION: "1", CHALLENGER: "2"}, state.snapshot)
    assert found.experiments == live.digest
    worker.look()
    assert len(seen) == 1


def test_what_cannot_be_loaded_leaves_what_serves(own_home: Home) -> None:
    """The acknowledgement says why; it is tried again, and served once it can be."""
    put_state(own_home)
    worker = Follower(own_home, "ranker")
    worker.look()
    before = worker.current
    state = put_state(own_home, 2, versions={CHAMPION: "3"})
    for _ in range(2):
        worker.look()
        assert worker.current is before
        assert str(worker.problem).startswith("epoch 2 can't be served: ")
        assert (ack(own_home).epoch, ack(own_home).problem) == (1, worker.problem)
    shutil.copytree(own_home.version("2"), own_home.version("3"))
    worker.look()
    assert (serving(worker).state, worker.problem) == (state, None)
    assert (ack(own_home).epoch, ack(own_home).problem) == (2, None)


def test_a_first_state_that_cannot_be_loaded_is_not_acknowledged(own_home: Home) -> None:
    """Nothing is served, so there is no epoch to name: 0, and why."""
    put_state(own_home, versions={CHALLENGER: "1"})
    worker = Follower(own_home, "ranker")
    worker.look()
    assert worker.current is None
    assert worker.problem == (
        "epoch 1 can't be served: state of epoch 1: no champion has passed the gate yet"
    )
    assert (ack(own_home).epoch, ack(own_home).versions, ack(own_home).problem) == (0, {}, worker.problem)


def test_a_new_worker_waits_for_what_it_can_load(own_home: Home) -> None:
    """Before it takes requests; not where there is nothing to wait for."""
    started = time.monotonic()
    first = Follower(own_home, "ranker")
    first.start(patience=60)
    first.stop()
    assert time.monotonic() - started < 30
    put_state(own_home, versions={CHAMPION: "9"})
    worker = Follower(own_home, "ranker")
    mending = threading.Timer(0.3, put_state, (own_home, 2))
    mending.start()
    worker.start(patience=60)
    assert serving(worker).state.epoch == 2
    worker.stop()


def test_a_version_that_cannot_be_loaded_is_named(own_home: Home) -> None:
    """By a new worker, for the Steward; one that has it in memory needs no files."""
    put_state(own_home)
    old = Follower(own_home, "ranker")
    old.look()
    overwrite(own_home.version("1") / "model.cb", b"nothing")
    new = Follower(own_home, "ranker")
    new.look()
    assert new.current is None
    assert (ack(own_home).epoch, ack(own_home).unloadable) == (0, "1")
    put_state(own_home, 2, versions={CHAMPION: "1"})
    old.look()
    assert (serving(old).state.epoch, serving(old).champion.stopped) == (2, None)
    assert ack(own_home).unloadable is None


def test_a_stop_does_not_wait_for_what_cannot_be_loaded(own_home: Home) -> None:
    """The state that stops a version also names one that is missing."""
    put_state(own_home)
    worker = Follower(own_home, "ranker")
    worker.look()
    put_state(own_home, 2, versions={CHAMPION: "1", CHALLENGER: "9"}, stopped={"1": "upside down"})
    worker.look()
    assert serving(worker).state.epoch == 1
    assert serving(worker).champion.stopped == "stopped by the guard: upside down"
    assert serving(worker).versions[CHALLENGER].stopped is None


def test_a_state_that_is_none_is_a_problem(own_home: Home) -> None:
    """With none beside that is good; what serves goes on, and the next state that is one is loaded."""
    put_state(own_home)
    worker = Follower(own_home, "ranker")
    worker.look()
    own_home.state.write_text("{")
    worker.look()
    assert (serving(worker).state.epoch, worker.problem) == (1, None), "the last good one lies beside"
    kept_beside(own_home.state).unlink()
    own_home.state.write_text("{{")
    worker.look()
    assert f"{own_home.state}: is not a state (2 bytes): " in str(worker.problem)
    assert serving(worker).state.epoch == 1
    put_state(own_home, 2)
    worker.look()
    assert (serving(worker).state.epoch, worker.problem) == (2, None)


def test_a_request_keeps_what_it_began_with(own_home: Home) -> None:
    """A swap replaces the reference, never what is in it."""
    put_state(own_home)
    worker = Follower(own_home, "ranker")
    worker.look()
    begun = serving(worker)
    put_state(own_home, 2, versions={CHAMPION: "2"})
    worker.look()
    assert (begun.state.epoch, begun.champion.number) == (1, "1")
    assert (serving(worker).state.epoch, serving(worker).champion.number) == (2, "2")


def test_a_thread_follows(own_home: Home, started: Follower) -> None:
    """Within the time of a look and a load; what failed is tried again without a new state."""
    put_state(own_home)
    wait(lambda: started.current is not None)
    put_state(own_home, 2, versions={CHAMPION: "3"})
    wait(lambda: started.problem is not None)
    shutil.copytree(own_home.version("2"), own_home.version("3"))
    wait(lambda: serving(started).champion.number == "3")
    assert started.problem is None


def test_files_are_given_up_when_the_last_request_is_through(own_home: Home) -> None:
    """While a request reads, who would write is held up; afterwards at once."""
    put_state(own_home)
    worker = Follower(own_home, "ranker", mapped=Mapped(own_home))
    worker.look()
    path = serving(worker).catalogue.folder / "numeric.npy"
    requests = [serving(worker)]
    let_go: list[float] = []

    def finish() -> None:
        time.sleep(0.3)
        let_go.append(time.monotonic())
        requests.clear()

    with writer(path, "nothing") as process:
        assert process.poll() is None
        ending = threading.Thread(target=finish)
        ending.start()
        worker.look()
        given = time.monotonic()
        ending.join()
        assert process.wait(10) == 0
    assert let_go[0] <= given < let_go[0] + follower.GRACE
    worker.look()
    assert worker.problem is None
    assert serving(worker).champion.stopped is None


def test_nobody_is_held_up_longer_than_the_grace(own_home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that never ends reads on, from a catalogue that nothing is served from any more."""
    monkeypatch.setattr(follower, "GRACE", 0.2)
    put_state(own_home)
    worker = Follower(own_home, "ranker", mapped=Mapped(own_home))
    worker.look()
    begun = serving(worker)
    with writer(begun.catalogue.folder / "numeric.npy", "nothing") as process:
        started = time.monotonic()
        worker.look()
        assert process.wait(10) == 0
    assert time.monotonic() - started >= 0.2
    assert begun.catalogue.size > 0
