"""Blocks are alike in both windows, so that limits are no wider than the data's own noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitoring.drift.blocks import alike
from monitoring.drift.columns import Columns, Drift
from monitoring.drift.compare import compare

ROWS = Columns(["age", "income"], ["city"], grouped=False)


def rows(seed: int, count: int, size: int, shift: float = 0.0) -> pd.DataFrame:
    """Rows that are independent of each other, `size` of them asked for at a time."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.standard_normal(count) + shift,
            "income": rng.standard_normal(count),
            "city": rng.choice(list("abcd"), count),
            "time": np.sort(rng.uniform(0, 2 * 86400, count)),
            "request_id": np.arange(count) // size,
        }
    )


def compared(seed: int, size: int, shift: float = 0.0) -> Drift:
    return compare(rows(2 * seed, 4000, 1), rows(2 * seed + 1, 1200, size, shift), ROWS, seed=seed)


def test_single_rows_are_compared_alike_however_many_a_request_asks_for() -> None:
    """A reference of single rows beside requests of 20: the limit is that of rows asked one by one."""
    for column, alone in zip(compared(0, 20).columns, compared(0, 1).columns, strict=True):
        assert column.limit < 1.3 * alone.limit


def test_rows_that_do_not_differ_raise_no_alarm_and_a_shift_is_named() -> None:
    """At alpha 0.01: more than 2 of 20 has probability .001. The shift is of three tenths of a deviation."""
    assert sum(bool(compared(seed, 20).drifted) for seed in range(20)) <= 2
    for seed in range(5):
        assert [each.column for each in compared(seed, 20, 0.3).drifted] == ["age"]


def test_larger_requests_are_thinned_to_the_size_of_the_others() -> None:
    """Rows are left out of each request."""
    frames = rows(0, 4000, 5), rows(1, 4000, 40)
    reference, current = alike(frames, Columns(["age"]), np.random.default_rng(0))
    assert len(reference) == 4000
    assert current["request_id"].nunique() >= 95
    assert 400 < len(current) < 600
    same = alike((frames[0], frames[0]), Columns(["age"]), np.random.default_rng(0))
    assert same[0] is frames[0]
    assert same[1] is frames[0]
