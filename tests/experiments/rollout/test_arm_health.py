"""What a rollout is stopped for beside its metrics: seen when it is there, and hardly ever when it isn't."""

from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from experiments.analysis.recommendation import Recommendation
from experiments.rollout.arm_health import ArmAnswers, fallback_rates, quantiles, watched
from experiments.rollout.decide import LIMITS, ArmHealth, decide
from monitoring.log.record import ArmRecord, Decision, encode
from monitoring.log.segments import SegmentWriter
from monitoring.log.window import window

GOING = Recommendation("keep going", "b", ("not decided",))


def stops(control: ArmAnswers, treated: ArmAnswers) -> bool:
    base, now = fallback_rates(control, treated)
    guarded = ArmHealth(0, {"fallback rate": base}, {"fallback rate": now})
    return decide(guarded, GOING, "b").action == "stop"


def test_an_arm_that_only_falls_back_is_stopped_within_a_hundred_answers() -> None:
    """And a hundredth more is what is allowed for good."""
    assert stops(ArmAnswers(100, 0), ArmAnswers(100, 100))
    assert stops(ArmAnswers(10_000, 50), ArmAnswers(10_000, 400))
    assert not stops(ArmAnswers(10_000, 50), ArmAnswers(10_000, 140))
    assert not stops(ArmAnswers(5, 0), ArmAnswers(5, 5))


@pytest.mark.parametrize("rate", [0.0, 0.002, 0.05, 0.5])
def test_healthy_arms_are_not_stopped_by_looking_on(rate: float) -> None:
    """Looked at a hundred times each, equal arms are stopped in at most 1% of rollouts."""
    draw, rollouts, looks, each = np.random.default_rng(7), 400, 100, 200
    control, treated = (draw.binomial(each, rate, (rollouts, looks)).cumsum(axis=1) for _ in range(2))
    answers = each * np.arange(1, looks + 1)
    ever = sum(
        any(
            stops(ArmAnswers(int(n), int(a)), ArmAnswers(int(n), int(b)))
            for n, a, b in zip(answers, control[row], treated[row], strict=True)
        )
        for row in range(rollouts)
    )
    allowed = rollouts * 0.01 + 3 * sqrt(rollouts * 0.01)
    print(f"rate {rate}: {ever} of {rollouts} stopped, at most {allowed:.0f} allowed")
    assert ever <= allowed


def test_latency_is_compared_where_there_are_answers_enough() -> None:
    """The bounds close in on the 99th percentile, and say nothing for a few hundred answers."""
    assert quantiles(300, 300) is None
    above, below = quantiles(5_000, 5_000) or (0, 0)
    assert 0.99 < above < 1
    assert 0.97 < below < 0.99


def test_latencies_of_equal_arms_do_not_stop_and_slow_ones_do() -> None:
    """By the quantiles that are compared: at most 1% false, and a doubled tail is seen."""
    draw, rollouts, count = np.random.default_rng(3), 300, 4_000
    above, below = quantiles(count, count) or (0, 0)
    false = seen = 0
    absolute, relative = LIMITS["p99 seconds"]
    for _ in range(rollouts):
        control, treated = (draw.lognormal(-4, 1.0, count) for _ in range(2))
        base, now, slow = (
            np.quantile(control, above), np.quantile(treated, below), np.quantile(3 * treated, below),
        )  # fmt: skip
        false += now > base + absolute and now > base * relative
        seen += slow > base + absolute and slow > base * relative
    assert false == 0
    assert seen == rollouts


def test_figures_come_from_the_log(tmp_path: Path) -> None:
    """By arm, since a moment, without overrides; a stopped version counts where the control lacks it."""
    writer = SegmentWriter(tmp_path / "decisions", "ranker")

    def answer(number: int, variant: str, **changes: object) -> None:
        arm = ArmRecord("try", variant, "@x", 0.1, "t", bool(changes.pop("forced", False)))
        facts = {
            "request_id": f"r{number}", "time": 1.0, "received": 10.0, "unit": f"u{number}", "context": {},
            "attributes": {}, "arms": [arm], "experiments": "e", "epoch": 1, "model": "m/1", "snapshot": "s",
            "candidates": ["x"], "slate": [0], "scores": [1.0], "propensities": [1.0], "explored": False,
        }  # fmt: skip
        facts["seconds"] = 0.5 if variant == "b" else 0.01
        writer.append(encode(Decision(**facts | changes)))  # type: ignore[arg-type]

    for number in range(4_000):
        answer(number, "ab"[number % 2], model="m/12"[: 3 + number % 2], fallback="x" if number % 2 else None)
    for number in range(4_000, 4_100):
        answer(number, "a", received=9.0, fallback="too early")
        answer(number + 100, "a", forced=True, fallback="forced")
    writer.close()
    with window(tmp_path) as log:
        found = watched(log, "try", "a", 10.0, {"m/1", "m/12"})
        assert watched(log, "try", "a", 11.0, set()) == {}
        assert watched(log, "other", "a", 0.0, set()) == {}
    assert found.keys() == {"b"}
    assert found["b"].trips == 1
    assert found["b"].control["fallback rate"] == 0
    assert found["b"].treated["fallback rate"] > 0.9
    assert found["b"].control["p99 seconds"] == pytest.approx(0.01)
    assert found["b"].treated["p99 seconds"] == pytest.approx(0.5)
