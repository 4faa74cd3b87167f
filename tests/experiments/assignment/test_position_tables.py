"""Every position of every table has its owner."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.position_tables import open_part, table, variant_ranges
from experiments.config.fields import NOBODY
from experiments.config.live import Variant


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 100)), max_size=4), st.floats(0, 1), st.floats(0, 1)
)
def test_a_larger_share_holds_the_smaller_one(edges: list[tuple[int, int]], one: float, other: float) -> None:
    """The open part is the beginning of the ranges, and as wide as the share says."""
    cuts = sorted({each for edge in edges for each in edge})
    ranges = [(low / 100, high / 100) for low, high in list(pairwise(cuts))[::2]]
    small, large = (open_part(ranges, share) for share in sorted((one, other)))
    width = sum(high - low for low, high in ranges)
    assert sum(high - low for low, high in large) == pytest.approx(max(one, other) * width)
    for low, high in small:
        assert any(start <= low and high <= end for start, end in large)


def test_the_first_entry_owns_a_position_and_nobody_the_rest() -> None:
    """Where entries overlap; a share that ends between two positions includes the one before it."""
    assert list(table([[(0.0, 0.25)], [(0.2, 0.5)]], 10)) == [0, 0, 0, 1, 1] + [NOBODY] * 5


def test_weights_lie_side_by_side_and_ranges_where_they_are_declared() -> None:
    """A variant without ranges among those with has none."""
    weights = [Variant(name=n, weight=w) for n, w in (("a", 0.3), ("b", 0.7))]
    assert variant_ranges(weights) == [[(0.0, 0.3)], [(0.3, 1.0)]]
    declared = [Variant(name="a", ranges=((0.5, 0.6), (0.8, 0.9))), Variant(name="b")]
    assert variant_ranges(declared) == [[(0.5, 0.6), (0.8, 0.9)], []]
