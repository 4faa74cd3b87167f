"""A Steward's parts are made from its charge, and act only where they should."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bentos.control.loop_parts import assemble
from bentos.home.rollouts import write_courses
from bentos.home.state import CHAMPION, State
from experiments.config.check import parse
from experiments.rollout.course import Stopped, begun
from tests.bentos.control.experiments.rolling import TEXT
from tests.bentos.control.parted import charge, parts
from tests.bentos.home.clock import Clock


def test_a_charge_becomes_parts_without_asking_anybody(tmp_path: Path) -> None:
    """Neither MLflow nor Redis is needed before the first look; nothing is written."""
    with parts(tmp_path) as made:
        assert made.replica is None
        assert made.ranker == "small"
        assert made.home == charge(tmp_path).home
        assert (made.aliases.seen, made.live.live) == (None, None)
    assert not made.home.folder.exists()


def test_rollouts_are_of_the_steward_that_leads(tmp_path: Path) -> None:
    """On one host always; among several not before this one holds the lock."""
    for redis, told in ((None, 1), ("redis://127.0.0.1:1", 0)):
        with parts(tmp_path, redis) as made:
            made.live.path.write_text(TEXT)
            made.live.poll()
            stopped = begun(parse(TEXT).experiments[0], 1.0, None).model_copy(
                update={"stopped": Stopped(at=2.0, reason="it is worse")}
            )
            write_courses(made.home, {"try": stopped})
            assert len(made.rollouts.problems()) == told
            assert (made.replica is None) == (redis is None)


def test_replicas_have_names_of_their_own(tmp_path: Path) -> None:
    """Two Stewards of one process even: whoever holds the lock is one of them."""
    names = set()
    for _ in range(2):
        with parts(tmp_path, "redis://127.0.0.1:1") as made:
            assert made.replica is not None
            names.add(made.replica._shared.name)
    assert len(names) == 2


def test_what_workers_will_load_waits_for_no_examination(tmp_path: Path) -> None:
    """The pool of examinations is busy for a minute or more: a version that has passed serves meanwhile."""
    go = threading.Event()
    with ThreadPoolExecutor(1) as busy, ThreadPoolExecutor(1) as loads:
        busy.submit(go.wait, 30)
        made = assemble(charge(tmp_path), busy, Clock(), loads)
        wanted = State(1, "small", "s1", {CHAMPION: "2"})
        at_once = made.preload.done(None, wanted)  # what can't be loaded may have failed by now
        loads.submit(int).result(60)
        assert at_once or made.preload.done(None, wanted)
        go.set()
