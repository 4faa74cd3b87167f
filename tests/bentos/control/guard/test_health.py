"""What of the guard does not work is known by part, and is over when it works again."""

from __future__ import annotations

import logging

import pytest

from bentos.control.guard.health import AGAIN, HANGS, OUTCOMES, THREAD, GuardHealth, sentences
from bentos.home.steward_report import GuardFailure


class Clocks:
    """Unix seconds and seconds that never jump, moved by hand."""

    def __init__(self) -> None:
        self.now, self.ticks = 1_000.0, 0.0
        self.health = GuardHealth(lambda: self.now, lambda: self.ticks)

    def passed(self, seconds: float) -> None:
        self.now += seconds
        self.ticks += seconds


def test_a_part_fails_by_itself_until_it_works_again(caplog: pytest.LogCaptureFixture) -> None:
    """Since its first failure, logged once; the part after it has its turn."""
    clocks, done = Clocks(), []
    for _ in range(3):
        with clocks.health.step(AGAIN):
            raise OSError("disk is gone")
        with clocks.health.step(OUTCOMES):
            done.append("recalled")
        clocks.passed(1.0)
    assert len(done) == 3
    assert clocks.health.failures() == {AGAIN: GuardFailure("OSError: disk is gone", 1_000.0)}
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert not clocks.health.works(AGAIN)
    with clocks.health.step(AGAIN):
        pass
    assert clocks.health.failures() == {}
    assert clocks.health.works(AGAIN)


def test_a_part_that_goes_on_says_what_does_not_work() -> None:
    """Its reasons are one failure, and the time of the first stays."""
    clocks = Clocks()
    for _ in range(2):
        with clocks.health.step(AGAIN) as failing:
            failing.extend(["version 1 is gone", "version 2 is gone"])
        clocks.passed(5.0)
    failures = clocks.health.failures()
    assert failures == {AGAIN: GuardFailure("version 1 is gone; version 2 is gone", 1_000.0)}
    assert sentences(failures) == [
        "guard: does not watch as it should: scoring again: version 1 is gone; version 2 is gone"
    ]


def test_a_thread_that_does_not_look_is_a_failure_until_it_looks() -> None:
    """Whatever the wall clock does meanwhile."""
    clocks = Clocks()
    clocks.passed(HANGS)
    assert clocks.health.failures() == {}
    clocks.ticks += 0.1
    [(part, failure)] = clocks.health.failures().items()
    assert (part, failure.since) == (THREAD, 1_000.0)
    assert failure.why == "no look since 00:16:40 UTC: it is dead or hangs"
    clocks.health.looked()
    assert clocks.health.failures() == {}
