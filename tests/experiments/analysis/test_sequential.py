"""Anytime-valid intervals hold at every look; fixed ones don't."""

import numpy as np
import pytest
from scipy.special import ndtri

from experiments.analysis.sequential import factor, growth_needed, half_width, p_value


def paths(runs: int, looks: int, effect: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Effect estimates float64[runs, looks] of unit-variance draws, and standard errors float64[looks]."""
    draw = np.random.default_rng(seed)
    n = np.arange(1, looks + 1)
    return np.cumsum(draw.normal(effect, 1, (runs, looks)), 1) / n, 1 / np.sqrt(n)


def test_looking_after_every_observation_errs_at_most_five_percent() -> None:
    """4,000 paths of 2,000 looks: at most .05 + 3·√(.0475/4000); a fixed interval errs in most of them."""
    means, deviations = paths(4_000, 2_000, 0.0, 1)
    widths = np.array([half_width(each, n) for n, each in enumerate(deviations, 1)])
    wrong = np.mean((np.abs(means) > widths).any(1))
    assert wrong <= 0.05 + 3 * np.sqrt(0.0475 / 4_000), wrong
    assert np.mean((np.abs(means) > 1.96 * deviations).any(1)) > 0.4


@pytest.mark.parametrize("rate", [0.001, 0.006, 0.1, 0.5])
def test_rates_from_rare_to_common(rate: float) -> None:
    """2,000 pairs of arms without a difference, thirty looks from 20 expected events an arm on."""
    draw, runs = np.random.default_rng(5), 2_000
    sizes = np.unique(np.geomspace(20 / rate, 400 / rate, 30).astype(int))
    steps = np.diff(sizes, prepend=0)
    events = np.cumsum(draw.binomial(steps, rate, (2, runs, len(sizes))), 2)
    shares = events / sizes
    deviations = np.sqrt((shares * (1 - shares)).sum(0) / sizes)
    limits = deviations * [factor(2 * n, 0.95) for n in sizes.tolist()]
    wrong = np.mean((np.abs(shares[1] - shares[0]) > limits).any(1))
    assert wrong <= 0.05 + 3 * np.sqrt(0.0475 / runs), wrong


@pytest.mark.parametrize("effect", [0.01, -0.5, 3.0])
def test_p_value_and_interval_say_the_same(effect: float) -> None:
    """p is .05 exactly where the interval's edge is at 0."""
    width = half_width(0.2, 300)
    assert p_value(width, 0.2, 300) == pytest.approx(0.05)
    assert (p_value(effect, 0.2, 300) < 0.05) == (abs(effect) > width)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99, 1 - 0.05 / 12])
def test_the_price_of_looking_is_bounded_at_every_size(level: float) -> None:
    """At most 2.2 times the interval that is looked at once, from 40 units to a hundred million."""
    once = ndtri((1 + level) / 2)
    widths = [factor(float(n), level) / once for n in np.geomspace(40, 1e8, 60)]
    assert max(widths) < 2.2
    assert min(widths) > 1.4


def test_growth_needed_gives_the_power_asked_for() -> None:
    """2,000 draws at one look: 80% ± 4 deviations."""
    times = growth_needed(0.1, 1.0, 50)
    needed = 1 / np.sqrt(times)
    draw = np.random.default_rng(2)
    seen = np.mean(np.abs(draw.normal(0.1, needed, 2_000)) > half_width(needed, 50 * times))
    assert abs(seen - 0.8) < 4 * np.sqrt(0.16 / 2_000)


def test_what_is_unknown_has_no_interval() -> None:
    """A zero variance or no unit proves nothing."""
    assert half_width(0.0, 10) == half_width(0.1, 0) == half_width(float("nan"), 10) == float("inf")
    assert p_value(1.0, 0.0, 10) == p_value(1.0, 0.1, 0) == 1.0
