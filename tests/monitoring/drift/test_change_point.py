"""A change of a mean is dated, with an interval that holds, and none is dated where there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitoring.drift.change_point import change_of
from monitoring.drift.series import Series


def series(seed: int, shift: float, at: int = 150, blocks: int = 200) -> Series:
    """Shares of good rows in blocks of an hour with 20 to 80 rows."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(20, 80, blocks)
    share = np.where(np.arange(blocks) < at, 0.3, 0.3 + shift)
    good = rng.binomial(weights, share)
    time = np.arange(blocks) * 3600.0
    return Series("outcomes", time, good * 1.0, weights * 1.0, time >= 0)


def test_the_interval_has_the_date_as_often_as_it_says() -> None:
    """95 of 100: fewer than 34 of 40 has probability .003."""
    found = [change_of(series(seed, 0.08), np.random.default_rng(seed)) for seed in range(40)]
    held = [each for each in found if each is not None and each.low <= 150 * 3600.0 <= each.high]
    print(f"{len(held)} of 40 intervals hold the date")
    assert len(held) >= 34
    assert all(each.p < 0.01 and each.low <= each.time <= each.high for each in held)
    assert abs(np.mean([each.after for each in held]) - 0.38) < 0.01


def test_chance_has_a_date_as_seldom_as_p_says() -> None:
    """p below .05 in 5%: more than 8 of 50 has probability .001."""
    found = [change_of(series(seed, 0.0), np.random.default_rng(seed)) for seed in range(50)]
    assert sum(each is not None and each.p < 0.05 for each in found) <= 8


def test_too_few_blocks_have_no_date_and_very_many_cost_little() -> None:
    assert change_of(series(0, 0.1, 5, 9), np.random.default_rng(0)) is None
    whole = series(0, 0.1)
    untimed = replace(whole, time=np.where(np.arange(200) < 100, np.nan, whole.time))
    assert change_of(untimed, np.random.default_rng(0)) is None
    many = change_of(series(0, 0.1, 30_000, 40_000), np.random.default_rng(0))
    assert many is not None
    assert many.low <= 30_000 * 3600.0 <= many.high
