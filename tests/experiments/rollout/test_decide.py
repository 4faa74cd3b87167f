"""What a machine may change by itself: stop for harm, hold when nobody can say, step on otherwise."""

import pytest

from experiments.analysis.recommendation import Recommendation
from experiments.rollout.decide import ArmHealth, decide

CALM = ArmHealth(
    0, {"fallback rate": 0.001, "p99 seconds": 0.1}, {"fallback rate": 0.002, "p99 seconds": 0.11}
)
GOING = Recommendation("keep going", "b", ("not decided",))


@pytest.mark.parametrize(
    ("watched", "verdict", "action", "reason"),
    [
        (CALM, GOING, "step", "b: not decided"),
        (CALM, Recommendation("ship", "b", ("it is better",)), "step", "b: it is better"),
        (CALM, Recommendation("don't", "b", ("it is worse",)), "stop", "b: it is worse"),
        (CALM, Recommendation("can't say", None, ("too few units",)), "hold", "b: too few units"),
        (ArmHealth(3, {}, {}), GOING, "stop", "b: the guard tripped 3 times"),
        (
            ArmHealth(0, {"fallback rate": 0.001}, {"fallback rate": 0.05}), GOING, "stop",
            "b: fallback rate is at least 0.05, and 0.001 in the control",
        ),
        (
            ArmHealth(0, {"p99 seconds": 0.1}, {"p99 seconds": 0.2}), GOING, "stop",
            "b: p99 seconds is at least 0.2, and 0.1 in the control",
        ),
        (ArmHealth(0, {"p99 seconds": 1.0}, {"p99 seconds": 1.1}), GOING, "step", "b: not decided"),
    ],
)  # fmt: skip
def test_decisions(watched: ArmHealth, verdict: Recommendation, action: str, reason: str) -> None:
    """Each with its sentence."""
    found = decide(watched, verdict, "b")
    assert (found.action, found.reason) == (action, reason)
