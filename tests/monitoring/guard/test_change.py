"""When a mean left its limit: found where it was planted, and never a mean within the limit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from monitoring.guard.change import MeanChange, Richest
from monitoring.guard.evidence import Evidence, Odds


@pytest.mark.parametrize(
    ("limit", "healthy", "sick"), [(0.25, 0.06, 0.6), (0.47, 0.37, 0.63), (0.01, 0.002, 0.5)]
)
def test_the_change_is_found_where_it_was_planted(limit: float, healthy: float, sick: float) -> None:
    """30 streams of 100 healthy looks; the mean since the change is the sick one, not mixed with health.

    The mean of n observations of 0 and 1 is farther off than 4.4 standard errors in 1 of 100,000 streams; .1
    more is for a change that is misplaced by the few looks that a run of chance lasts (20 at these distances
    is rarer than one in ten: 7 of 30 have a probability of .03 then, so that 9 are allowed: .002).
    """
    rng = np.random.default_rng(3)
    misplaced = []
    for _ in range(30):
        evidence = Evidence(limit)
        for look in range(100):
            assert not evidence.look((rng.random(2) < healthy).astype(float), at=float(look))
        look = 100
        while not evidence.look((rng.random(2) < sick).astype(float), at=float(look)) or look < 140:
            look += 1
        found = evidence.change
        assert found is not None
        assert found.mean > limit
        assert found.observations == 2 * (look - found.since + 1)
        misplaced.append(found.since - 100)
        assert abs(found.mean - sick) < 4.4 * np.sqrt(sick * (1 - sick) / found.observations) + 0.1
    print(f"since {np.quantile(misplaced, [0.05, 0.5, 0.95])} looks after the change")
    assert np.sum(np.abs(misplaced) > 20) <= 9


def test_no_stream_that_trips_has_a_mean_within_its_limit() -> None:
    """Such a sentence would contradict itself: log(1 + b (x − m)) is concave, so that it can't win."""
    rng = np.random.default_rng(5)
    tripped = 0
    for _ in range(60):
        limit = rng.uniform(0.02, 0.6)
        evidence, draw = Evidence(limit, Odds(0.2, 50)), rng.beta(0.4, 0.6, 300)
        for at, value in enumerate(draw):
            if evidence.look([value], at=float(at)):
                found = evidence.change
                assert found is not None
                assert found.mean > limit
                tripped += 1
                break
    assert tripped > 20


def test_a_change_goes_on_after_a_restart() -> None:
    """Also where an earlier release has saved none."""
    whole = Evidence(0.1)
    for at in range(5):
        whole.look([1.0, 0.0], at=100.0 + at)
    assert whole.change == MeanChange(100.0, 10, 0.5)
    saved = json.loads(json.dumps(whole.to_json()))
    part = Evidence.from_json(0.1, whole.odds, saved)
    part.look([1.0], at=200.0)
    assert part.change == MeanChange(100.0, 11, 6 / 11)
    del saved["richest"]
    assert Evidence.from_json(0.1, whole.odds, saved).change is None


def test_health_has_no_change() -> None:
    evidence = Evidence(0.1)
    assert evidence.change is None
    evidence.look([0.0] * 10, at=1.0)
    assert evidence.change is None
    evidence.look([], at=2.0)
    evidence.look([1.0], at=3.0)
    assert evidence.change == MeanChange(3.0, 1, 1.0)
    assert Richest().change(np.zeros(10)) is None
