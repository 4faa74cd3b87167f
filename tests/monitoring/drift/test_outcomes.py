"""Outcomes that move away are named, with the difference that would be seen, and seldom without reason."""

from __future__ import annotations

import numpy as np

from monitoring.drift.outcomes import OutcomeDrift, compare_outcomes
from monitoring.drift.series import Series


def windows(seed: int, shift: float, least: float = 0.0) -> Series:
    """A reference of 100 blocks, and a window of 60 whose mean is higher by `shift`."""
    rng = np.random.default_rng(seed)
    current = np.arange(160) >= 100
    weights = rng.integers(10, 60, 160) * 1.0
    sums = weights * (0.3 + shift * current) + rng.normal(0, 0.45, 160) * np.sqrt(weights)
    return Series("outcomes", np.arange(160) * 3600.0, sums, weights, current, least)


def one(series: Series, alpha: float = 0.01) -> OutcomeDrift:
    [found], lacking = compare_outcomes([series], alpha, np.random.default_rng(0))
    assert lacking == ()
    return found


def test_nothing_is_named_where_nothing_differs() -> None:
    """At alpha .05, difference and date together: more than 8 of 50 has probability .001."""
    assert sum(one(windows(seed, 0.0), 0.05).drifted for seed in range(50)) <= 8


def test_a_difference_of_the_size_that_is_named_is_found_four_times_of_five() -> None:
    """Fewer than 25 of 40 has probability .004; and the date is where the windows meet."""
    seen = one(windows(0, 0.0)).seen
    found = [one(windows(seed, seen)) for seed in range(40)]
    assert sum(each.drifted for each in found) >= 25
    dates = [each.change.time / 3600 for each in found if each.change is not None]
    assert abs(np.median(dates) - 100) < 5


def test_a_small_difference_is_none_however_sure() -> None:
    sure = one(windows(0, 0.1))
    assert sure.drifted
    assert sure.difference > sure.limit
    assert not one(windows(0, 0.1, least=0.5)).drifted


def test_too_little_is_said() -> None:
    """Blocks without weight are not counted."""
    series = windows(0, 0.0)
    few = Series(
        "AUC", series.time, series.sums, np.where(np.arange(160) < 156, series.weights, 0), series.current
    )
    none = Series("AUC", *(each[:104] for each in (few.time, few.sums, few.weights, few.current)))
    found, lacking = compare_outcomes([none], 0.01, np.random.default_rng(0))
    assert found == ()
    assert lacking == (
        "AUC: too little data to say: 100 blocks with outcomes in the reference and 4 in the current window, "
        "where 10 and 5 are needed",
    )
