"""The pure parts of a decision."""

from __future__ import annotations

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bentos.decide import _as_json, _picked, best_first, split_known

FEW_VALUES = st.sampled_from([-1.0, -0.0, 0.0, 0.5, 2.0])
SCORES = arrays(np.float64, st.integers(0, 200), elements=FEW_VALUES | st.floats(allow_nan=False))


@given(SCORES)
def test_best_first_is_the_stable_order(scores: np.ndarray) -> None:
    """Ties stay as they were given, whichever sort was taken."""
    assert best_first(scores).tolist() == np.argsort(-scores, kind="stable").tolist()


@given(arrays(np.float64, st.integers(0, 100), elements=st.floats() | FEW_VALUES), st.booleans())
def test_numbers_are_written_as_orjson_writes_them(values: np.ndarray, same: bool) -> None:
    """Repeated or not; NaN and infinities are null."""
    values = np.full(len(values), values[0]) if same and len(values) else values
    plain = orjson.loads(orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY))
    assert orjson.loads(orjson.dumps(_as_json(values))) == plain


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200, unique=True))
def test_items_are_picked_by_place(candidates: list[int]) -> None:
    """For few and for many."""
    places = np.random.default_rng(len(candidates)).permutation(len(candidates))
    assert _picked(candidates, places) == [candidates[place] for place in places]


def test_known_and_unknown() -> None:
    """A row of −1 is an unknown candidate."""
    known, unknown = split_known(np.array([3, -1, 0]))
    assert (known.tolist(), unknown.tolist()) == ([0, 2], [1])
    known, unknown = split_known(np.array([3, 0]))
    assert (known.tolist(), unknown.tolist()) == ([0, 1], [])
