"""Judges rollouts by the log: each steps on, holds or stops, with the reason.

A thread of the Steward calls `look`. The control loop lays the result over live.yaml, and serves that.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import msgspec

from bentos.control.experiments.changes import changing
from bentos.control.experiments.rollout_evidence import weigh
from bentos.home.journal import Event, Journal
from bentos.home.rollouts import read_courses, write_courses
from bentos.home.state import Home, read_state
from bentos.home.steward_report import RolloutReport
from experiments.config.live import Experiment, Live
from experiments.config.problems import AnalysisError
from experiments.rollout.course import Course, RolloutDecision, advanced, begun, overlaid, stop_reasons
from monitoring.log.version_name import VersionName

logger = logging.getLogger(__name__)

EVERY = 10.0  # seconds between two looks
AT_MOST = 0.1  # share of the time that looking may take: the log grows
BY = "the Steward"
SAID = {"stop": Event.ROLLOUT_STOP, "hold": Event.ROLLOUT_HOLD, "step": Event.ROLLOUT_STEP}
"""The journal's word for a decision that changes nothing yet, by its action."""


class Rollouts:
    """The rollouts of one ranker. `live` gives live.yaml as it was read last, nothing laid over it."""

    def __init__(
        self,
        home: Home,
        live: Callable[[], Live | None],
        journal: Journal,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._live = live
        self._journal = journal
        self._clock = clock
        self._told: dict[str, RolloutDecision] = {}
        self._error: str | None = None

    def look(self) -> None:
        """Judge every rollout that runs, once, and keep what came of it. Never raises."""
        try:
            self._look()
            self._error = None
        except Exception as error:  # the next look must come, whatever this one ran into
            if str(error) != self._error:
                logger.exception("the rollouts could not be judged")
            self._error = f"rollouts: not judged: {error}"

    def report(self) -> dict[str, RolloutReport]:
        """For steward.json: each rollout's course, and what was decided last."""
        courses = read_courses(self._home)
        return {
            name: _report(courses[name], said) for name, said in self._told.copy().items() if name in courses
        }

    def problems(self) -> list[str]:
        """Sentences for /status: what was stopped, and what keeps rollouts from being judged."""
        live = self._live()
        halted = {} if live is None else stop_reasons(live, read_courses(self._home))
        told = [
            f"rollout {name}: stopped by itself: {reason}; edit it, or `ballast experiment resume {name}`"
            for name, reason in halted.items()
        ]
        return [*told, *([self._error] if self._error else [])]

    def _look(self) -> None:
        live, now = self._live(), self._clock()
        running = [] if live is None else [each for each in live.experiments if _runs(each, now)]
        self._told = {name: said for name, said in self._told.items() if name in {e.name for e in running}}
        for experiment in running:
            course = begun(experiment, now, read_courses(self._home).get(experiment.name))
            halt = course.stopped
            said = self._judged(experiment, course) if halt is None else RolloutDecision("stop", halt.reason)
            self._keep(experiment, said)
            self._told[experiment.name] = said

    def _keep(self, experiment: Experiment, said: RolloutDecision) -> None:
        """Under the lock of changes, on what the file and the courses say then: judging took a while."""
        with changing(self._home):
            live, now, courses = self._live(), self._clock(), read_courses(self._home)
            if live is None or experiment not in live.experiments:
                return  # edited meanwhile: the next look judges what is live then
            known = courses.get(experiment.name)
            course = begun(experiment, now, known)
            after = advanced(course, experiment, said, now)
            if after != known:
                write_courses(self._home, courses | {experiment.name: after})
                self._tell(live, experiment.name, courses, after, said)
            elif self._told.get(experiment.name, said).action != said.action:
                self._journal.decided(SAID[said.action], said.reason, experiment=experiment.name)

    def _tell(
        self, live: Live, name: str, courses: dict[str, Course], after: Course, said: RolloutDecision
    ) -> None:
        """One line of the journal per change, with the digests, so that the history has it."""
        before = courses.get(name)
        digests = {
            "before": overlaid(live, courses).digest,
            "after": overlaid(live, courses | {name: after}).digest,
        }
        if after.stopped is not None:
            event, reason = Event.ROLLOUT_STOPPED, said.reason
        elif before is None or len(after.steps) <= len(before.steps):
            event, reason = Event.ROLLOUT_BEGINS, "it runs since this look, as the file has it now"
        else:
            event, reason = Event.ROLLOUT_STEP, said.reason
        facts = {"experiment": name, "share": after.steps[-1].share, "by": BY, "reason": reason}
        self._journal.decided(event, reason, **facts, **digests)

    def _judged(self, experiment: Experiment, course: Course) -> RolloutDecision:
        try:
            return self._weighed(experiment, course)
        except AnalysisError as error:  # no answer yet, or none with the metric
            return RolloutDecision("hold", str(error))

    def _weighed(self, experiment: Experiment, course: Course) -> RolloutDecision:
        return weigh(self._home, experiment, course.since, self._stopped(), self._clock())

    def _stopped(self) -> set[str]:
        """The versions that the guard stopped, as records name them."""
        state = read_state(self._home.state)
        if state is None:
            return set()
        return {str(VersionName(state.ranker, version)) for version in state.stopped}


def _report(course: Course, said: RolloutDecision) -> RolloutReport:
    facts = course.model_dump(exclude={"way"}) | {"action": said.action, "reason": said.reason}
    return msgspec.convert(facts, RolloutReport)


def _runs(experiment: Experiment, now: float) -> bool:
    begins = experiment.start is None or experiment.start <= now
    return experiment.rollout is not None and experiment.enabled and begins and not _ended(experiment, now)


def _ended(experiment: Experiment, now: float) -> bool:
    return experiment.end is not None and now >= experiment.end
