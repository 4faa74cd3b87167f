"""What the Steward decides about a rollout: to stop, hold or step on, each with its reason. Pure.

`course` keeps what was decided beside the file; the control loop looks, decides and tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.analysis.recommendation import Recommendation
from experiments.rollout.course import RolloutDecision


@dataclass(frozen=True, slots=True)
class ArmHealth:
    """What is watched: guard trips, and figures that must not differ too much between arms.

    `treated` has the lower bound of each figure, valid at every look; `control` has the figure itself: see
    `arm_health`.
    """

    trips: int
    control: Mapping[str, float]
    treated: Mapping[str, float]


LIMITS: Mapping[str, tuple[float, float]] = {
    "fallback rate": (0.01, 1.0),  # at most a hundredth more of all answers, whatever the control's
    "p99 seconds": (0.05, 1.25),  # at most a quarter longer, and 50 ms
}
"""By figure: the absolute and the relative excess over the control; both must be passed to stop."""


def decide(watched: ArmHealth, verdict: Recommendation, arm: str) -> RolloutDecision:
    """Stop for a guard trip, a figure out of bounds or the recommendation *don't*; else step on.

    The recommendation rests on intervals that hold at every look, so looking often adds no errors. *Can't
    say* holds the rollout where it is: it never counts as fine.
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
