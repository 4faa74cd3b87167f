"""Anytime-valid intervals hold at every look; fixed ones don't."""

import numpy as np
import pytest

from experiments.analysis.sequential import deviation_needed, half_width, p_value


def paths(runs: int, looks: int, effect: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Effect estimates float64[runs, looks] of unit-variance draws, and standard errors float64[looks]."""
    draw = np.random.default_rng(seed)
    n = np.arange(1, looks + 1)
    return np.cumsum(draw.normal(effect, 1, (runs, looks)), 1) / n, 1 / np.sqrt(n)


def test_looking_after_every_observation_errs_at_most_five_percent() -> None:
    """4,000 paths of 2,000 looks: at most .05 + 3·√(.0475/4000); a fixed interval errs in most of them."""
    means, deviations = paths(4_000, 2_000, 0.0, 1)
    widths = np.array([half_width(each, 0.1) for each in deviations])
    wrong = np.mean((np.abs(means) > widths).any(1))
    assert wrong <= 0.05 + 3 * np.sqrt(0.0475 / 4_000), wrong
    assert np.mean((np.abs(means) > 1.96 * deviations).any(1)) > 0.4


@pytest.mark.parametrize("effect", [0.01, -0.5, 3.0])
def test_p_value_and_interval_say_the_same(effect: float) -> None:
    """p is .05 exactly where the interval's edge is at 0."""
    width = half_width(0.2, 0.3)
    assert p_value(width, 0.2, 0.3) == pytest.approx(0.05)
    assert (p_value(effect, 0.2, 0.3) < 0.05) == (abs(effect) > width)


def test_the_price_of_looking_is_small_at_the_planned_size() -> None:
    """The interval is at most 1.65 times as wide as the fixed one when its standard error is a third of the mixture's."""  # noqa: E501
    assert half_width(0.1, 0.3) / (1.96 * 0.1) < 1.65


def test_deviation_needed_gives_the_power_asked_for() -> None:
    """2,000 draws at one look: 80% ± 4 deviations."""
    needed = deviation_needed(0.1, 0.1)
    draw = np.random.default_rng(2)
    seen = np.mean(np.abs(draw.normal(0.1, needed, 2_000)) > half_width(needed, 0.1))
    assert abs(seen - 0.8) < 4 * np.sqrt(0.16 / 2_000)


def test_what_is_unknown_has_no_interval() -> None:
    """A zero variance or an undefined mixture proves nothing."""
    assert half_width(0.0, 0.1) == half_width(0.1, 0.0) == half_width(float("nan"), 0.1) == float("inf")
    assert p_value(1.0, 0.0, 0.1) == p_value(1.0, 0.1, 0.0) == 1.0
