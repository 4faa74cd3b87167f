"""Histories: means of what was known at the end of the day before, and of nothing later."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.demo.histories import History, Outcomes

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 2), st.integers(0, 4)), min_size=1
)


@given(ROWS, st.integers(0, 9), st.sampled_from([None, 1, 4]), st.randoms(use_true_random=False))
def test_outcomes_known_on_a_day_change_no_history_of_that_day_or_before(
    rows: list[tuple[int, int, int, int]], changed: int, window: int | None, random: object
) -> None:
    key, day, later, grade = (np.array(column) for column in zip(*rows, strict=True))
    known = day + later
    other = np.where(known >= changed, 4 - grade + random.random(), grade)  # type: ignore[attr-defined]
    before, after = (
        History.of(key, Outcomes(day, known, values.astype(float))).mean(5.0, window)
        for values in (grade, other)
    )
    early = day <= changed
    np.testing.assert_array_equal(before[early], after[early])


@given(ROWS, st.sampled_from([None, 1, 4]))
def test_a_history_is_the_shrunken_mean_of_what_was_known(
    rows: list[tuple[int, int, int, int]], window: int | None
) -> None:
    key, day, later, grade = (np.array(column) for column in zip(*rows, strict=True))
    known = day + later
    found = History.of(key, Outcomes(day, known, grade.astype(float))).mean(5.0, window)
    for row in range(len(rows)):
        seen = (known < day[row]) & (known >= (0 if window is None else day[row] - window))
        own = seen & (key == key[row])
        if seen.any():
            wanted = (grade[own].sum() + 5.0 * grade[seen].mean()) / (own.sum() + 5.0)
            assert found[row] == pytest.approx(wanted, rel=1e-6)
        else:
            assert np.isnan(found[row])
