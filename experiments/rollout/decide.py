"""What a machine may decide about a rollout by itself: stop, hold or step on, each with its reason. Pure.

`course` keeps what was decided beside the file; the control loop looks, decides and tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from experiments.analysis.recommendation import Recommendation

Action = Literal["hold", "step", "stop"]


@dataclass(frozen=True, slots=True)
class ArmHealth:
    """What is watched: guard trips, and figures by arm that may not part too far.

    `treated` holds what a figure is at least, at every look, and `control` what it is: see `watch`.
    """

    trips: int
    control: Mapping[str, float]
    treated: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class RolloutDecision:
    """What to do with a rollout, and why, in one sentence."""

    action: Action
    reason: str


LIMITS: Mapping[str, tuple[float, float]] = {
    "fallback rate": (0.01, 1.0),  # at most a hundredth more of all answers, whatever the control's
    "p99 seconds": (0.05, 1.25),  # at most a quarter longer, and 50 ms
}
"""By figure: the absolute and the relative excess over the control; both must be passed to stop."""


def decide(watched: ArmHealth, verdict: Recommendation, arm: str) -> RolloutDecision:
    """Stop for a guard trip, a figure out of bounds or a verdict against the arm; step on otherwise.

    The verdict rests on intervals that hold at every look, so that watching costs nothing. One that can't say
    holds the rollout where it is: it never counts as fine.
    """
    if watched.trips:
        return RolloutDecision("stop", f"{arm}: the guard tripped {watched.trips} times")
    for figure, (absolute, relative) in LIMITS.items():
        if figure in watched.control and figure in watched.treated:
            base, now = watched.control[figure], watched.treated[figure]
            if now > base + absolute and now > base * relative:
                return RolloutDecision(
                    "stop", f"{arm}: {figure} is at least {now:.3g}, and {base:.3g} in the control"
                )
    if verdict.word == "don't" and verdict.arm in (None, arm):
        return RolloutDecision("stop", f"{arm}: {'; '.join(verdict.reasons)}")
    if verdict.word == "can't say":
        return RolloutDecision("hold", f"{arm}: {'; '.join(verdict.reasons)}")
    return RolloutDecision("step", f"{arm}: {'; '.join(verdict.reasons)}")
