"""The arms of a decision, beside what its live file says: the shares then, and the same draw once more."""

from __future__ import annotations

from bentos.offline.explanation.parts import ExplainedArm
from experiments.analysis.logged_experiments import weights_of
from experiments.assignment.arms import HELD_OUT
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from monitoring.log.record import ArmRecord, Decision


def explained_arms(decision: Decision, live: Live | None) -> list[ExplainedArm]:
    """`live` is the file under which it was decided, None where that is gone."""
    drawn = None if live is None else _drawn(decision, live)
    return [_explained(arm, live, drawn) for arm in decision.arms if isinstance(arm, ArmRecord)]


def _drawn(decision: Decision, live: Live) -> dict[str, tuple[str, float]]:
    """Experiment → the variant and the bucket that the unit gets from that file at that time."""
    found = assign(compile_plan(live), decision.unit, decision.attributes, decision.received)
    return {arm.experiment: (arm.variant, arm.bucket) for arm in found.arms}


def _explained(arm: ArmRecord, live: Live | None, drawn: dict[str, tuple[str, float]] | None) -> ExplainedArm:
    again = None if drawn is None else drawn.get(arm.experiment) == (arm.variant, arm.bucket)
    return ExplainedArm(
        experiment=arm.experiment,
        variant=arm.variant,
        model=arm.model,
        bucket=arm.bucket,
        salt=arm.salt,
        forced=arm.forced,
        shares={} if live is None else _shares(arm.experiment, live),
        again=again,
    )


def _shares(experiment: str, live: Live) -> dict[str, float]:
    if live.holdout is not None and live.holdout.name == experiment:
        return {HELD_OUT: live.holdout.share}
    return weights_of(live, experiment)
