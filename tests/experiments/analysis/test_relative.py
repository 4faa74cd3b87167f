"""Relative intervals hold at any lift; the difference's divided by the control's mean don't."""

import numpy as np
import pytest

from experiments.analysis.relative import Compared, relative

RUNS = 4_000


@pytest.mark.parametrize("lift", [-0.5, -0.2, 0.0, 0.73, 1.19, 2.0])
@pytest.mark.parametrize("factor", [1.959964, 3.4989])
def test_coverage_at_any_lift(lift: float, factor: float) -> None:
    """4,000 pairs whose control's mean is known to a tenth: what a normal promises ± 4·√(p(1−p)/4000)."""
    draw = np.random.default_rng(3)
    control = draw.normal(10.0, 1.0, RUNS)
    treated = draw.normal(10.0 * (1 + lift), 1.2, RUNS)
    held = plain = 0
    for base, value in zip(control.tolist(), treated.tolist(), strict=True):
        bounds = relative(Compared(value - base, base, 1.0 + 1.44, 1.0, -1.0), factor)
        assert bounds is not None
        held += bounds[0] <= lift <= bounds[1]
        plain += abs((value - base) / base - lift) <= factor * np.sqrt(2.44) / base
    promised = {1.959964: 0.95, 3.4989: 0.99953}[factor]
    chance = 4 * np.sqrt(promised * (1 - promised) / RUNS)
    assert abs(held / RUNS - promised) <= chance
    if lift >= 0.73:
        assert plain / RUNS < promised - chance


def test_zero_is_in_both_or_in_neither() -> None:
    """For a control below 0 as well, where better is up all the same."""
    for control in (10.0, -10.0):
        for difference in (0.5, 2.0, 3.04, 3.08, -3.04, -3.08):
            bounds = relative(Compared(difference, control, 2.44, 1.0, -1.0), 1.96)
            assert bounds is not None
            assert (bounds[0] > 0 or bounds[1] < 0) == (abs(difference) > 1.96 * np.sqrt(2.44))
            assert bounds[0] < difference / abs(control) < bounds[1]


def test_a_control_that_is_not_clear_of_zero_has_no_relative_effect() -> None:
    """Nor is there one where nothing is known yet."""
    assert relative(Compared(1.0, 1.9, 2.0, 1.0, -1.0), 1.96) is None
    assert relative(Compared(1.0, 100.0, 2.0, 1.0, -1.0), float("inf")) is None


def test_a_control_near_the_largest_floats_is_no_trace() -> None:
    """Its square is beyond them."""
    assert relative(Compared(1e199, 1e200, 1e300, 1e300, 0.0), 2.0) is None
