"""What a live.yaml is compiled into: every position of every table has its owner."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.plan import compile_plan, is_open, open_part, table, variant_ranges
from experiments.config.fields import NOBODY
from experiments.config.live import Variant
from tests.experiments.files import live, plan

TRAFFIC = "[[0.0, 1.0]]"


@pytest.mark.parametrize("low", [0, 1, 4_999, 9_998])
def test_nothing_leaks_and_nothing_is_missed_at_the_edges(low: int) -> None:
    """A range holds exactly the positions from its lower edge to before its upper one."""
    config = live((TRAFFIC, f"[[{low / 10_000}, {(low + 1) / 10_000}]]"))
    table = compile_plan(config).layers[0].table
    assert [i for i, owner in enumerate(table) if owner == 0] == [low]


@pytest.mark.parametrize("split", [(0.5, 0.5), (0.3333333, 0.6666667), (0.1, 0.9), (0.0, 1.0), (1.0, 0.0)])
def test_every_position_has_a_variant(split: tuple[float, float]) -> None:
    """Nobody is missed at 100%, whatever the weights' rounding; nobody gets a variant of weight 0."""
    first, second = split
    config = live(
        ('"@champion", weight: 0.5', f'"@champion", weight: {first}'),
        ('"@challenger", weight: 0.5', f'"@challenger", weight: {second}'),
    )
    counts = Counter(compile_plan(config).layers[0].experiments[0].table)
    assert set(counts) <= {0, 1}
    assert counts[0] == pytest.approx(first * 10_000, abs=1)


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


def test_a_ramp_is_open_from_each_step_on() -> None:
    """To the positions of its share, and to nobody before the first."""
    ramp = (
        "        ramp:\n          - {at: 2026-01-01, share: 0.25}\n          - {at: 2026-01-02, share: 1}\n"
    )
    (experiment,) = plan(tail=ramp).layers[0].experiments
    day = 1_767_225_600
    assert [is_open(experiment, 2_499, now) for now in (day - 1, day)] == [False, True]
    assert [is_open(experiment, 2_500, now) for now in (day, day + 86_400)] == [False, True]
    (always,) = plan().layers[0].experiments
    assert is_open(always, 9_999, 0.0)


def test_one_experiment_with_the_whole_layer_needs_no_hash() -> None:
    """Unless a ramp asks for the position in it."""
    assert plan().layers[0].undivided
    assert not plan((TRAFFIC, "[[0.0, 0.5]]")).layers[0].undivided
    assert not plan(tail="        rollout: {steps: [0.1, 1.0], hold: 1d}\n").layers[0].undivided
