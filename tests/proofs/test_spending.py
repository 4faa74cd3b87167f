"""Looks and the planned end together keep their error, and the end has a fixed test's power."""

from math import sqrt

import pytest

from tests.proofs.spending import spending


def test_together_they_keep_the_error() -> None:
    """150 experiments of eight looks and an end; 5% ± four deviations, and the end nearly as often right."""
    assert spending(150, 600, 8, 1).ever <= 0.05 + 4 * sqrt(0.05 * 0.95 / 150)
    found = spending(150, 600, 2, 2, power=0.8)
    assert found.ever >= found.end >= found.alone - 0.05


@pytest.mark.slow
def test_false_alarms_of_looks_and_end() -> None:
    """2,000 experiments of forty looks: 5%, within three deviations of chance."""
    found = spending(2_000, 2_000, 40, 3)
    assert found.ever <= 0.05 + 3 * sqrt(0.05 * 0.95 / 2_000), found


@pytest.mark.slow
@pytest.mark.parametrize("power", [0.5, 0.8])
def test_power_at_the_end(power: float) -> None:
    """Within two points of the test alone, in the same 2,000 experiments."""
    found = spending(2_000, 1_000, 10, 4, power)
    assert found.end >= found.alone - 0.02, found
    assert found.ever >= found.end
