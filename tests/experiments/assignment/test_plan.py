"""What a live.yaml is compiled into: every position of every table has its owner."""

from collections import Counter

import pytest

from experiments.assignment.plan import compile_plan
from tests.experiments.files import live

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


def test_units_of_one_kind_are_planned_together() -> None:
    """Their experiments' bits, and their overrides in the order of the file."""
    config = live(
        tail="""        overrides: {viewer-1: challenger}
  - name: session
    salt: layer-2
    experiments:
      - name: colour
        unit: session
        hash: growthbook-v2
        salt: colour-1
        variants: [{name: red, weight: 0.5}, {name: blue, weight: 0.5}]
"""
    )
    own, sessions = compile_plan(config).units
    assert (own.attribute, own.bits, sessions.attribute, sessions.bits) == (None, 0b01, "session", 0b10)
    assert [(number, arm.variant) for number, arm in own.forced["viewer-1"]] == [(0, "challenger")]
    assert sessions.forced == {}
