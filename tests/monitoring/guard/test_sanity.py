"""Scores that must not be served are told from those that may, with the reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitoring.guard.sanity import KINDS, ScoreRange, check

RANGE = ScoreRange(-2.0, 3.0)


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        ([], None),
        ([1.0], None),
        ([1.0, 2.0], None),
        ([1.0] * 9, None),  # nine alike items
        ([1.0] * 10, "scores constant: all 10 scores are 1"),
        ([0.0] * 9 + [-0.0], "scores constant: all 10 scores are 0"),
        ([1.0] * 9 + [np.nextafter(1.0, 2)], None),
        ([1.0, np.nan, 2.0], "scores not finite: 1 of 3 scores are not finite"),
        ([np.nan], "scores not finite: 1 of 1 scores are not finite"),
        ([np.inf, -np.inf, 0.0, np.nan], "scores not finite: 3 of 4 scores are not finite"),
        ([np.inf] * 20, "scores not finite: 20 of 20 scores are not finite"),
        ([-2.0, 3.0], None),  # both ends belong to the range
        (
            [0.0, 3.5, -9.0],
            "scores out of range: 2 of 3 scores, such as -9, are outside -2 to 3, the reference's range",
        ),
        ([0.0, np.nextafter(3.0, 4)], "scores out of range: 1 of 2 scores"),
    ],
)
def test_the_reason(scores: list[float], reason: str | None) -> None:
    found = check(np.array(scores, dtype=np.float64), RANGE)
    assert found == reason if reason is None or found is None else found.startswith(reason)
    if found is not None:
        assert found.split(":")[0] in KINDS


@given(arrays(np.float64, st.integers(0, 40), elements=st.floats(width=64)))
def test_any_vector_has_an_answer(scores: np.ndarray) -> None:
    """It is on every request's path: it must never raise, and never let a non-finite score pass."""
    found = check(scores, RANGE)
    assert (found is not None and found.startswith("scores not finite")) == (not np.isfinite(scores).all())


def test_a_range_is_the_references_widened() -> None:
    """Half as wide again on both sides is far outside for a sum of trees."""
    found = ScoreRange.of(np.array([1.0, np.nan, 3.0, np.inf]), margin=0.5)
    assert (found.low, found.high) == (0.0, 4.0)


def test_a_reference_without_scores_is_refused() -> None:
    with pytest.raises(ValueError, match="the score reference has 2 scores and none of them is finite"):
        ScoreRange.of(np.array([np.nan, np.inf]))
