"""Closed days against reference days: alarms as rare as stated, also where days resemble each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitoring.drift.days import ColumnDays, compare_days, day_dependence, look_alpha
from monitoring.drift.sketches import ColumnSketch, counted

ROWS = 60
REFERENCE, WINDOW = 28, 7


def _days(rng: np.random.Generator, dependence: float, shift: float, days: int) -> list[ColumnSketch]:
    """Days whose rows have a mean of their own, .3 standard deviations of a row; `shift` in the last week."""
    level, found = rng.normal(), []
    for day in range(days):
        level = dependence * level + (1 - dependence**2) ** 0.5 * rng.normal()
        late = shift if day >= days - WINDOW else 0.0
        sketch = ColumnSketch("numeric")
        sketch.update(pd.Series(rng.normal(0.3 * level + late, 1.0, ROWS)))
        found.append(sketch)
    return found


def _named(seed: int, dependence: float, alpha: float, shift: float = 0.0, columns: int = 4) -> bool:
    rng = np.random.default_rng(seed)
    series = [_days(rng, dependence, shift, REFERENCE + WINDOW) for _ in range(columns)]
    found = compare_days(
        {f"c{k}": ColumnDays(each[:REFERENCE], each[REFERENCE:]) for k, each in enumerate(series)}, alpha
    )
    assert not isinstance(found, str)
    return any(column.drifted for column in found)


@pytest.mark.parametrize("dependence", [0.0, 0.5])
@pytest.mark.parametrize(("looks", "most"), [(12, 6), pytest.param(120, 24, marks=pytest.mark.slow)])
def test_looks_name_a_column_as_rarely_as_stated(dependence: float, looks: int, most: int) -> None:
    """At 10%: more than `most` has probability .0005 where the rate holds (a binomial's tail)."""
    assert sum(_named(seed, dependence, 0.1) for seed in range(looks)) <= most


def test_a_week_that_moved_is_named_at_the_yearly_rate() -> None:
    """A whole standard deviation, in every column, at the alpha of a daily look."""
    assert sum(_named(seed, 0.0, look_alpha(), shift=1.0) for seed in range(5)) == 5


def test_dependence_is_seen() -> None:
    """Days that drift slowly resemble the one before; independent ones don't, and constant ones neither."""
    rng = np.random.default_rng(1)
    assert day_dependence(counted(_days(rng, 0.9, 0.0, 200))) > 0.5
    assert day_dependence(counted(_days(rng, 0.0, 0.0, 200))) < 0.25
    assert day_dependence(np.ones((20, 4), dtype=np.float32)) == 0.0


def test_too_little_data_is_said() -> None:
    """With both numbers of days."""
    rng = np.random.default_rng(2)
    few = ColumnDays(_days(rng, 0.0, 0.0, 9), _days(rng, 0.0, 0.0, 7))
    assert compare_days({"c": few}, 0.1) == (
        "too little data to say: 9 days of the reference and 7 closed days, where 10 and 7 are needed"
    )
    assert compare_days({}, 0.1) == "too little data to say: no column has both a reference and closed days"
