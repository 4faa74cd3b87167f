"""Evidence that goes on after a restart, and guards that are cleared."""

from __future__ import annotations

from bentos.control.guard.quantities import SLOW
from tests.bentos.control.guard.staged import answer, look
from tests.faults.months import Stage


def test_evidence_outlives_the_watcher(stage: Stage) -> None:
    """A Steward that starts again goes on from where the last one was."""
    stage.now += 10
    look(stage, [answer(stage, number) for number in range(30)])
    stage.now += 10
    stage.watcher.look()
    fresh = stage.control.watcher()
    fresh.look()
    assert fresh.guard("1").report()[SLOW]["observations"] == 30
