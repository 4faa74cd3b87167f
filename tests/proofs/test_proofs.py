"""The simulations of docs/statistics.md at a small size; limits are what chance allows for that many runs."""

from math import sqrt

import pytest

from tests.proofs import proofs

RUNS = 200


def allowed(rate: float, runs: int, deviations: float = 4.0) -> float:
    """So many binomial deviations."""
    return deviations * sqrt(rate * (1 - rate) / runs)


@pytest.mark.parametrize("kind", proofs.KINDS)
def test_false_positives_are_five_percent(kind: str) -> None:
    """A/A tests of every kind of metric, each looked at once."""
    found = proofs.false_positives(kind, RUNS, 1_000, 1)
    assert abs(found - 0.05) < allowed(0.05, RUNS), found


@pytest.mark.parametrize("kind", ["mean per unit", "CUPED ratio"])
def test_looking_all_the_time_is_at_most_five_percent(kind: str) -> None:
    """Eight looks; the fixed test is wrong far more often, the anytime-valid interval is not."""
    anytime, fixed = proofs.peeking(kind, 100, 1_500, 2, looks=8)
    assert anytime <= 0.05 + allowed(0.05, 100), anytime
    assert fixed > anytime


def test_coverage() -> None:
    """95% for the fixed interval, at least that for the anytime-valid one."""
    fixed, anytime = proofs.coverage("ratio (clustered rows)", RUNS, 1_000, 3)
    assert abs(fixed - 0.95) < allowed(0.05, RUNS), fixed
    assert anytime > 0.95


def test_triggered_intervals_cover_and_are_narrower() -> None:
    """The effect over all rows, from the fifth of them that can differ: a third of the plain width."""
    found = proofs.triggering(40, 800, 8)
    assert abs(found["fixed"] - 0.95) < allowed(0.05, 40), found
    assert found["anytime"] > 0.95
    assert found["width"] < 0.5
    assert found["alarms"] == 0


def test_cuped_reduces_by_the_squared_correlation() -> None:
    """Within a hundredth."""
    found, theory = proofs.reduction(10, 2_000, 4)
    assert found == pytest.approx(theory, abs=0.01)


def test_mismatch_alarms() -> None:
    """At most .1% under ramps; 51/49 of 100,000 units is seen."""
    assert proofs.alarms(2_000, 5) <= 0.001 + allowed(0.001, 2_000, 3)
    assert proofs.alarms(100, 6, 0.51, 100_000) >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("kind", proofs.KINDS)
def test_at_a_large_size(kind: str) -> None:
    """2,000 A/A tests and 500 of forty looks."""
    assert abs(proofs.false_positives(kind, 2_000, 4_000, 7) - 0.05) < allowed(0.05, 2_000)
    assert proofs.peeking(kind, 500, 4_000, 8)[0] <= 0.05 + allowed(0.05, 500, 3)


@pytest.mark.slow
def test_triggered_intervals_at_a_large_size() -> None:
    """400 experiments."""
    found = proofs.triggering(400, 800, 9)
    assert abs(found["fixed"] - 0.95) < allowed(0.05, 400), found
