"""Continuous looking keeps its promise on healthy streams, and is quick on sick ones."""

from __future__ import annotations

import json
import math
from statistics import NormalDist

import numpy as np
import pytest

from monitoring.guard.evidence import Evidence, Odds

NEVER = 1e300


def alarms(draw: object, limit: float, odds: Odds, looks: int, streams: int, seed: int) -> int:
    """Of `streams`, those whose evidence was enough at any of `looks` looks."""
    rng = np.random.default_rng(seed)
    found = 0
    for _ in range(streams):
        evidence = Evidence(limit, odds)
        found += any(evidence.look(draw(rng)) for _ in range(looks))  # type: ignore[operator]
    return found


HEALTHY = {
    "rare and at the limit": (0.01, lambda rng: (rng.random(5) < 0.01).astype(float)),
    "even and at the limit": (0.5, lambda rng: (rng.random(2) < 0.5).astype(float)),
    "shares, in clumps": (0.3, lambda rng: np.repeat(rng.beta(0.3, 0.7), 1)),
    "nearly constant": (0.35, lambda rng: rng.normal(0.35, 0.01, 3).clip(0, 1)),
    "now and then nothing": (0.2, lambda rng: (rng.random(rng.integers(0, 4)) < 0.2).astype(float)),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_the_start_test_keeps_alpha_for_ever(name: str) -> None:
    """100 streams of 500 looks at alpha 0.1: 10 alarms at most on average; over 20 has probability .001."""
    limit, draw = HEALTHY[name]
    found = alarms(draw, limit, Odds(0.1, NEVER), 500, 100, seed=1)
    print(f"{name}: {found} of 100 streams ever reached 1/alpha")
    assert found <= 20


@pytest.mark.parametrize("name", HEALTHY)
def test_the_running_test_keeps_its_run_length(name: str) -> None:
    """100 streams of 500 looks with a run length of 5,000: P(alarm) <= 500 / 5000 = .1 each."""
    limit, draw = HEALTHY[name]
    found = alarms(draw, limit, Odds(1e-300, 5_000), 500, 100, seed=2)
    print(f"{name}: {found} of 100 streams alarmed")
    assert found <= 20


def fixed_size(mean: float, deviation: float, limit: float, alpha: float, power: float) -> float:
    """Observations that a one-sided z test of one look needs."""
    quantile = NormalDist().inv_cdf
    return ((quantile(1 - alpha) + quantile(power)) * deviation / (mean - limit)) ** 2


@pytest.mark.parametrize(
    ("limit", "draw"),
    [
        (0.01, lambda rng: float(rng.random() < 0.1)),
        (0.01, lambda rng: float(rng.random() < 0.9)),
        (0.5, lambda rng: float(rng.random() < 0.6)),
        (0.5, lambda rng: rng.beta(2.2, 1.8)),
        (0.35, lambda rng: rng.normal(0.5, 0.15)),
    ],
    ids=["1% to 10%", "1% to 90%", "50% to 60%", "mean .50 to .55", "correlation .3 to 0"],
)
def test_a_fault_from_the_start_costs_at_most_twice_the_fixed_size(limit: float, draw: object) -> None:
    """On average, at alpha .001 against power .95: the price of looking all the time."""
    rng = np.random.default_rng(3)
    sample = np.array([draw(rng) for _ in range(20_000)])  # type: ignore[operator]
    fixed = max(1.0, fixed_size(sample.mean(), sample.std(), limit, 0.001, 0.95))
    needed = []
    for _ in range(200):
        evidence = Evidence(limit, Odds(0.001, NEVER))
        while not evidence.look([min(1.0, max(0.0, draw(rng)))]):  # type: ignore[operator]
            pass
        needed.append(evidence.observations)
    print(f"mean {np.mean(needed):.1f}, 95% {np.quantile(needed, 0.95):.0f}; fixed size {fixed:.1f}")
    assert np.mean(needed) <= max(2 * fixed, 8)


def test_long_health_does_not_buy_patience() -> None:
    """After a million healthy answers a fault is seen as soon as after ten: old health is no credit."""
    delays = []
    for healthy in (10, 1_000_000):
        rng = np.random.default_rng(5)
        evidence = Evidence(0.01)
        for _ in range(100):
            evidence.look((rng.random(healthy // 100) < 0.002).astype(float))
        assert not evidence.enough
        delay = 0
        while not evidence.look((rng.random(10) < 0.5).astype(float)):
            delay += 1
        delays.append(delay)
    print(f"looks of ten answers, half of them bad, until the alarm: {delays}")
    assert max(delays) <= 3


def test_evidence_goes_on_after_a_restart() -> None:
    rng = np.random.default_rng(7)
    values = (rng.random(400) < 0.03).astype(float)
    whole, part = Evidence(0.01), Evidence(0.01)
    whole.look(values[:150])
    part.look(values[:150])
    part = Evidence.from_json(0.01, part.odds, json.loads(json.dumps(part.to_json())))
    whole.look(values[150:])
    part.look(values[150:])
    assert part.observations == 400
    assert math.isclose(whole.log_start, part.log_start)
    assert math.isclose(whole.log_any, part.log_any)
    fresh = Evidence.from_json(0.01, whole.odds, json.loads(json.dumps(Evidence(0.01).to_json())))
    assert fresh.log_any == -math.inf


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan, math.inf])
def test_an_observation_that_is_no_share_is_refused_whole(bad: float) -> None:
    evidence = Evidence(0.5)
    with pytest.raises(ValueError, match="observations are shares, from 0 to 1"):
        evidence.look([0.2, bad])
    assert evidence.observations == 0
    assert not evidence.since_start.any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Evidence(0.0), "limit 0.0: a limit of a mean in"),
        (lambda: Evidence(1.0), "limit 1.0"),
        (lambda: Odds(alpha=0), "alpha 0: a false-alarm probability lies between 0 and 1"),
        (lambda: Odds(run_length=0.5), "run_length 0.5: at least one look"),
        (lambda: Odds(run_length=math.nan), "run_length nan"),
    ],
)
def test_limits_and_odds_that_mean_nothing_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
