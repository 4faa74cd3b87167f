"""Intervals of quantiles hold the truth as often as promised, also at every look; limits are chance."""

from math import sqrt

import pytest

from tests.proofs.quantiles import coverage, peeking


def test_coverage_of_a_few() -> None:
    """40 experiments of a median: 95% ± four deviations."""
    assert coverage(25, 600, 0.5, 1) >= 0.95 - 4 * sqrt(0.05 * 0.95 / 25)


@pytest.mark.slow
@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.99])
def test_coverage(quantile: float) -> None:
    """400 experiments of 6,000 units each."""
    found = coverage(400, 6_000, quantile, 2)
    assert abs(found - 0.95) <= 4 * sqrt(0.05 * 0.95 / 400), found


@pytest.mark.slow
def test_looks() -> None:
    """150 pairs of equal arms looked at ten times: fixed intervals are wrong in far more than 5%."""
    anytime, fixed = peeking(150, 6_000, 0.9, 3, 10)
    assert anytime <= 0.05 + 3 * sqrt(0.05 * 0.95 / 150)
    assert fixed > 0.08
