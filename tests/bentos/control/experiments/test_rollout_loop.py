"""Rollouts acted upon, on a real log: step on while calm, stop for harm, hold while nobody can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.control.experiments import changes
from bentos.control.experiments.changes import resume
from bentos.control.experiments.compare_and_swap import ChangeError, Conflict, base_of, refuse_unsettled
from bentos.control.sources import LiveFile
from bentos.home.journal import decisions
from bentos.home.rollouts import read_courses
from bentos.home.state import StateError
from experiments.config.check import parse
from experiments.config.live import Live
from tests.bentos.control.experiments.rolling import ALIKE, TEXT, Stage
from tests.bentos.files import LIVE
from tests.bentos.worker.following import follow


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_calm_rollout_steps_on_and_a_harmful_one_stops(stage: Stage) -> None:
    """20% of units, then all; then the treated arm turns bad: everybody gets the default, and it says why."""
    assert stage.look() == "hold"
    first = stage.live.digest
    inside = stage.serve(1_500, ALIKE)
    assert inside == pytest.approx(300, abs=4 * (1_500 * 0.2 * 0.8) ** 0.5)
    assert stage.look() == "step"
    assert stage.live.digest != first
    assert stage.serve(600, ALIKE) == 600
    assert stage.look() == "step"
    assert stage.rollouts.problems() == []
    stage.serve(2_000, {"a": 1.0, "b": 0.2})
    assert stage.look() == "stop"
    assert stage.serve(200, ALIKE) == 0
    [problem] = stage.rollouts.problems()
    assert problem.startswith("rollout try: stopped by itself: b: reward -")
    assert "`ballast experiment resume try`" in problem
    told = [each for each in decisions(stage.home) if "rollout" in each["event"]]
    events = [(each["event"], each["share"]) for each in told]
    assert events == [("rollout begins", 0.2), ("rollout step", 1.0), ("rollout stopped", 1.0)]
    assert (told[-1]["by"], told[-1]["after"]) == ("the Steward", stage.live.digest)
    assert stage.path.read_text() == TEXT


def test_a_stop_survives_restarts_and_ends_with_a_person(stage: Stage) -> None:
    """A new Steward keeps it; resuming gives it a fresh start; an edit of the experiment does as well."""
    stage.look()
    stage.serve(2_000, {"a": 1.0, "b": 0.2})
    assert stage.look() == "stop"
    halted = stage.live.digest
    stage.restart()
    stage.live = LiveFile(stage.path, stage.home)
    stage.live.poll()
    assert stage.live.digest == halted
    assert stage.look() == "stop"
    with pytest.raises(ChangeError, match="resume: 'other' was not stopped by itself; those that were: try"):
        resume(stage.home, stage.path, "other", "ana", "w", 0.1)
    done = resume(stage.home, stage.path, "try", "ana", "the outcomes were wrong", 0.1)
    follow(stage.home, stage.live)
    assert (done.before, stage.live.digest) == (halted, done.after)
    assert stage.rollouts.problems() == []
    assert stage.look() == "hold"  # what came before no longer counts
    course = read_courses(stage.home)["try"]
    assert (course.stopped, [step.share for step in course.steps]) == (None, [0.2])
    stage.now = course.since + 1  # the clock of the test has stood still while a person looked
    stage.serve(2_000, {"a": 1.0, "b": 0.2})
    assert stage.look() == "stop"
    stage.path.write_text(TEXT.replace("hold: 1h", "hold: 2h"))
    follow(stage.home, stage.live)
    assert stage.rollouts.problems() == []
    assert stage.look() == "hold"
    assert stage.serve(300, ALIKE) > 0


def test_an_arm_that_falls_back_is_stopped_before_outcomes_say_so(stage: Stage) -> None:
    """The rate is compared with the control's."""
    stage.look()
    stage.serve(2_000, ALIKE, fallback={"b": "scorer: gone"})
    assert stage.look() == "stop"
    assert "b: fallback rate is at least" in stage.rollouts.problems()[0]


def test_too_little_holds(stage: Stage) -> None:
    """Few units, or an arm without any, are no reason to go on; the step stays."""
    stage.look()
    stage.serve(300, ALIKE)
    assert stage.look() == "hold"
    assert "too few units" in stage.rollouts.report()["try"].reason
    assert [step.share for step in read_courses(stage.home)["try"].steps] == [0.2]


def test_a_change_by_a_person_is_made_against_what_is_served(stage: Stage) -> None:
    """A step of the machine between diff and apply is a conflict; made again, the change keeps the step."""
    stage.look()
    base = base_of(stage.home, stage.path)
    stage.serve(1_500, ALIKE)
    assert stage.look() == "step"
    change = changes.Change(TEXT.replace("weight: 0.5", "weight: 0.50", 1) + "# a remark\n", "ana", "w")
    with pytest.raises(Conflict, match=r"rollout step by the Steward: b: reward .*: not decided"):
        changes.commit(stage.home, stage.path, base, change)
    fresh = base_of(stage.home, stage.path)
    refuse_unsettled(stage.home, stage.path, fresh)
    done = changes.commit(stage.home, stage.path, fresh, change, patience=1)
    assert done.before == done.after  # only a remark: the same meaning, with the step that was taken
    assert done.seconds is not None


def test_a_broken_book_is_told_by_name(stage: Stage) -> None:
    """And what is served stays."""
    stage.look()
    stage.home.rollouts.write_text("[]")
    with pytest.raises(StateError, match=r"rollouts.json: holds no courses"):
        read_courses(stage.home)
    stage.rollouts.look()
    assert stage.live.digest == parse(TEXT).digest


def test_nothing_to_do_imports_nothing(stage: Stage) -> None:
    """A file without rollouts is not even compared with the log."""
    stage.path.write_text(LIVE % "2")
    follow(stage.home, stage.live)
    stage.rollouts.look()
    assert stage.rollouts.report() == {}
    assert not stage.home.rollouts.exists()
    assert isinstance(stage.live.live, Live)
