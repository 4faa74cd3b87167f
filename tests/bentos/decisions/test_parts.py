"""The values and the pure steps of a decision."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bentos.decisions.parts import best_first, split_known

FEW_VALUES = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 2.0])
SCORES = arrays(np.float64, st.integers(0, 200), elements=FEW_VALUES | st.floats(allow_nan=False))


@given(SCORES)
def test_best_first_is_the_stable_order(scores: np.ndarray) -> None:
    """Ties stay as they were given, whichever sort was taken."""
    assert best_first(scores).tolist() == np.argsort(-scores, kind="stable").tolist()


def test_known_and_unknown() -> None:
    """A row of −1 is an unknown candidate."""
    known, unknown = split_known(np.array([3, -1, 0]))
    assert (known.tolist(), unknown.tolist()) == ([0, 2], [1])
    known, unknown = split_known(np.array([3, 0]))
    assert (known.tolist(), unknown.tolist()) == ([0, 1], [])
