"""Round numbers for an axis."""

import math
from itertools import pairwise

import pytest

from monitoring.pages.ticks import percent, plain, ticks


@pytest.mark.parametrize(
    ("low", "high"), [(-0.031, 0.012), (0, 1), (-3e6, 7e6), (0.98, 1.02), (-1e-7, 1e-7), (5, 5.0001)]
)
def test_they_lie_inside_in_even_steps(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 6
    assert low - 1e-9 * abs(low) <= found[0] < found[-1] <= high + 1e-9 * abs(high)
    steps = [b - a for a, b in pairwise(found)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-6)
    lead = steps[0] / 10 ** math.floor(math.log10(steps[0] * 1.0000001))
    assert lead == pytest.approx(round(lead), rel=1e-5)
    assert round(lead) in (1, 2, 5)


def test_an_axis_without_a_length_has_one() -> None:
    assert ticks(3.0, 3.0) == [3.0]


def test_how_numbers_are_written() -> None:
    assert [percent(value) for value in (0, 0.05, -0.1234)] == ["0", "+5%", "-12.3%"]
    assert plain(0.123456) == "0.1235"
