"""The order of an answer that has no scores."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bentos.decisions import fallback_order
from models.catalogue.catalogue import Catalogue, write_catalogue


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, math.nan]), min_size=1, max_size=30), st.booleans())
def test_the_fallback_order(values: list[float], lowest: bool) -> None:
    """By the feature, highest or lowest first; ties as given, missing last; a permutation in any case."""
    items = Catalogue.absent("snap", str)
    object.__setattr__(items, "numeric_names", ("price",))
    object.__setattr__(items, "numeric", np.array([values], np.float32))
    places = fallback_order.order("-price" if lowest else "price", items, np.arange(len(values)), len(values))
    key = [(math.isnan(each), each if lowest else -each) for each in values]
    expected = sorted(
        range(len(values)), key=lambda place: (key[place][0], 0 if key[place][0] else key[place][1])
    )
    assert places.tolist() == expected


def test_the_fallback_order_that_cannot_be_had(tmp_path: Path) -> None:
    """As given needs nothing; a feature needs a catalogue that has it."""
    assert fallback_order.order("as given", None, None, 3).tolist() == [0, 1, 2]
    with pytest.raises(LookupError, match="price can't be had"):
        fallback_order.order("-price", None, None, 3)
    snapshot = write_catalogue(tmp_path, ["a"], {"x": np.ones(1, np.float32)}, {}, 1.0)
    with pytest.raises(LookupError, match=f"catalogue {snapshot} has no price"):
        fallback_order.order("price", Catalogue.open(tmp_path / snapshot), np.zeros(1, np.int64), 1)
