"""How far each rollout has come, kept apart from live.yaml and laid over it when it is compiled. Pure.

People write the file, which says which steps there are. The Steward writes the *course*, which says which of
the steps were taken, and whether the experiment was stopped for harm. A stop holds until somebody edits that
experiment or resumes it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from experiments.config.fields import written
from experiments.config.kill_switch import edited
from experiments.config.live import Experiment, Live

Action = Literal["hold", "step", "stop"]


@dataclass(frozen=True, slots=True)
class RolloutDecision:
    """What to do with a rollout, and why, in one sentence."""

    action: Action
    reason: str


class _CoursePart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Taken(_CoursePart):
    """One step: from `at` (unix seconds) on, `share` of the traffic is open, for `reason`."""

    at: float
    share: float
    reason: str


class Stopped(_CoursePart):
    """A stop that the Steward decided by itself."""

    at: float
    reason: str


class Course(_CoursePart):
    """How far one rollout has come. `digest` is that of its experiment, `way` is what `way_of` gives.

    Evidence counts from `since` (unix seconds) on: a person who resumes a rollout, or edits one that was
    stopped, gives it a new start.
    """

    digest: str
    way: str
    since: float
    steps: tuple[Taken, ...]
    stopped: Stopped | None = None


def digest_of(experiment: Experiment) -> str:
    """16 hex digits over the experiment as the file has it."""
    return _digest(experiment.model_dump(mode="json", by_alias=True, exclude_defaults=True))


def way_of(experiment: Experiment) -> str:
    """16 hex digits over what decides who is in at which share: the draw, the traffic, the declared steps."""
    steps = None if experiment.rollout is None else experiment.rollout.steps
    drawn = experiment.name, experiment.unit, experiment.hash, experiment.salt
    return _digest([*drawn, experiment.traffic, steps])


def begun(experiment: Experiment, now: float, before: Course | None) -> Course:
    """The course of an experiment that runs now: the one it has, carried over an edit, or a new one.

    An edit releases a stop. The steps taken stay, so that nobody loses their arm, unless the draw, the
    traffic or the declared steps are others now.
    """
    digest, way = digest_of(experiment), way_of(experiment)
    if before is not None and before.digest == digest:
        return before
    if before is None or before.way != way:
        share = experiment.opening[0][1]
        return Course(digest=digest, way=way, since=now, steps=(Taken(at=now, share=share, reason="begins"),))
    since = before.since if before.stopped is None else now
    return Course(digest=digest, way=way, since=since, steps=before.steps)


def resumed(course: Course, now: float) -> Course:
    """The same course without its stop. Only what happens from now on counts as evidence."""
    return course.model_copy(update={"stopped": None, "since": now})


def advanced(course: Course, experiment: Experiment, decision: RolloutDecision, now: float) -> Course:
    """The course after a decision; the same where nothing is to be done, or not yet."""
    if course.stopped is not None or experiment.rollout is None:
        return course
    if decision.action == "stop":
        return course.model_copy(update={"stopped": Stopped(at=now, reason=decision.reason)})
    latest = course.steps[-1]
    further = [share for share in experiment.rollout.steps if share > latest.share]
    if decision.action == "hold" or not further or now < latest.at + experiment.rollout.hold:
        return course
    step = Taken(at=now, share=further[0], reason=decision.reason)
    return course.model_copy(update={"steps": (*course.steps, step)})


def overlaid(live: Live, courses: Mapping[str, Course]) -> Live:
    """The file as it is to be served: rollouts as far as they have come, and stopped where they were."""
    for experiment in live.experiments:
        course = courses.get(experiment.name)
        if experiment.rollout is not None and course is not None:
            change = _change(experiment, course)
            live = edited(live, experiment.name, change) if change else live
    return live


def stop_reasons(live: Live, courses: Mapping[str, Course]) -> dict[str, str]:
    """Experiment → why the Steward stopped it, for those that nobody has edited since."""
    found = {}
    for experiment in live.experiments if courses else ():
        course = courses.get(experiment.name)
        if course is not None and course.stopped is not None and course.digest == digest_of(experiment):
            found[experiment.name] = course.stopped.reason
    return found


def _change(experiment: Experiment, course: Course) -> dict[str, Any]:
    change: dict[str, Any] = {}
    if len(course.steps) > 1 and course.way == way_of(experiment):
        change["ramp"] = [{"at": written(step.at), "share": step.share} for step in course.steps]
    if course.stopped is not None and course.digest == digest_of(experiment):
        change["enabled"] = False
    return change


def _digest(meaning: Any) -> str:
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
