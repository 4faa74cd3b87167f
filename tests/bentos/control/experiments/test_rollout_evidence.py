"""A rollout is weighed on what its arms served and on what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.experiments.rollout_evidence import weigh
from experiments.rollout.course import RolloutDecision
from tests.bentos.control.experiments.rolling import ALIKE, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def weighed(stage: Stage, since: float, stopped: tuple[str, ...] = ()) -> RolloutDecision:
    assert stage.live.file is not None
    return weigh(stage.home, stage.live.file.experiments[0], since, stopped, stage.now)


def test_without_answers_it_holds(stage: Stage) -> None:
    """Nobody can say yet, and so it is once nothing counts any more."""
    assert weighed(stage, 0.0) == RolloutDecision("hold", "not both arms have answered yet")
    stage.serve(300, ALIKE)
    assert weighed(stage, stage.now).reason == "not both arms have answered yet"


def test_what_the_guard_stopped_stops_it(stage: Stage) -> None:
    """A version that only the treated arm was served by; the reason names the arm."""
    stage.serve(1_500, ALIKE)
    assert weighed(stage, 0.0).action == "step"
    found = weighed(stage, 0.0, ("small/2",))
    assert found.action == "stop"
    assert found.reason.startswith("b: ")
    assert weighed(stage, 0.0, ("small/1",)).action == "step"


def test_fallbacks_of_the_treated_arm_stop_it(stage: Stage) -> None:
    """Whatever comes of the metric."""
    stage.serve(900, {"a": 1.0, "b": 5.0}, {"b": "scoring failed: ValueError"})
    found = weighed(stage, 0.0)
    assert found.action == "stop"
    assert "fallback rate" in found.reason
