"""Units of time: every plausible moment is told by its size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.declaration.time_unit import PLAUSIBLE, TimeUnit, likely, units, unix_seconds


@given(st.floats(*PLAUSIBLE), st.sampled_from(["ms", "us", "ns", "d"]))
def test_a_unit_is_recognised_by_its_size(moment: float, unit: TimeUnit) -> None:
    """But for days whose number could be a year, which no plausible one is."""
    one = float(unix_seconds(np.array([1.0]), unit)[0])
    counted = np.array([moment / one, np.nan])
    assert likely(counted) == unit
    assert unix_seconds(counted, unit)[0] == pytest.approx(moment)


def test_some_plausible_second_is_enough() -> None:
    assert likely(np.array([1.0, PLAUSIBLE[0], 9e15])) is None
    assert likely(np.array([np.nan])) is None


def test_the_units_are_listed() -> None:
    assert units() == "s, ms, us, ns, d, yyyymmdd"
