"""What a change does to units is counted on units; reweighting moves the fewest."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.arm_changes import diff, moved_share, ranges_of, reweighted, without_same
from tests.experiments.files import live

UNITS = [(f"viewer-{i}", {}) for i in range(5_000)]
TRAFFIC = "[[0.0, 1.0]]"


def test_nothing_changes_between_equal_files() -> None:
    """And a comment is no change."""
    found = diff(live(), live(("version: 1", "# why\nversion: 1")), UNITS, 0)
    assert (found.model, found.held_out, found.warnings) == (0, 0, ())
    assert found.sentences() == ["0.0% of 5,000 units get another model; 0 are in the holdout"]


def test_a_change_of_weights_and_a_holdout_are_counted() -> None:
    """50 to 60% moves 10% of units, all in one direction; a tenth goes to the holdout."""
    new = live(
        ('"@champion", weight: 0.5', '"@champion", weight: 0.6'),
        ('"@challenger", weight: 0.5', '"@challenger", weight: 0.4'),
    )
    found = diff(live(), new, UNITS, 0)
    (moves,) = found.experiments
    assert moves.moves.keys() == {
        ("champion", "champion"), ("challenger", "challenger"), ("challenger", "champion"),
    }  # fmt: skip
    assert moves.changed == pytest.approx(500, abs=130)
    assert f"challenger: {moves.changed / 50:.1f}% of units change arm" in found.sentences()[1]
    (warning,) = found.warnings
    assert warning.startswith(
        "challenger: its weights change from 50/50 to 60/40 while it runs; its analysis goes on"
    )
    assert f"the {moves.changed:,} units that change arm" in warning
    held = diff(live(), live(tail="holdout: {share: 0.1, salt: h-1}\n"), UNITS, 0)
    assert held.held_out == held.experiments[0].left == pytest.approx(500, abs=130)


def test_joining_and_a_stopped_experiment() -> None:
    """Traffic that grows only lets units join; the kill switch lets all leave."""
    small = live((TRAFFIC, "[[0.0, 0.1]]"))
    (grown,) = diff(small, live(), UNITS, 0).experiments
    assert (grown.changed, grown.left) == (0, 0)
    assert diff(small, live(), UNITS, 0).warnings == ()
    assert grown.joined == pytest.approx(4_500, abs=130)
    (stopped,) = diff(live(), live(tail="        enabled: false\n"), UNITS, 0).experiments
    assert stopped.left == 5_000


def test_a_changed_salt_is_warned_of() -> None:
    """It draws every unit anew."""
    (warning,) = diff(live(), live(("salt: challenger-1", "salt: challenger-2")), [], 0).warnings
    assert warning.startswith(
        "challenger: salt changes from 'challenger-1' to 'challenger-2', which draws every"
    )


cuts = st.lists(st.integers(0, 1_000), min_size=2, max_size=4)


@given(cuts, st.randoms(use_true_random=False))
def test_reweighting_moves_the_least_possible_share(edges: list[int], draw) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """The share that moves is half the sum of the weights' changes, through any sequence of changes."""
    count = len(edges) + 1
    bounds = [0, *sorted(edges), 1_000]
    weights = [(b - a) / 1_000 for a, b in pairwise(bounds)]
    ranges: list[list[tuple[float, float]]] = [
        [(a / 1_000, b / 1_000)] if b > a else [] for a, b in pairwise(bounds)
    ]
    for _ in range(3):
        cut = sorted(draw.randint(0, 1_000) for _ in range(count - 1))
        target = [(b - a) / 1_000 for a, b in zip([0, *cut], [*cut, 1_000], strict=True)]
        changed = reweighted(ranges, target)
        owner, then = _owners(ranges), _owners(changed)
        assert None not in then
        moved = sum(a != b for a, b in zip(owner, then, strict=True)) / 10_000
        assert moved == pytest.approx(
            sum(abs(a - b) for a, b in zip(weights, target, strict=True)) / 2, abs=1e-9
        )
        ranges, weights = changed, target


def _owners(ranges: list[list[tuple[float, float]]]) -> list[int | None]:
    owners: list[int | None] = [None] * 10_000
    for index, each in enumerate(ranges):
        for low, high in each:
            for point in range(round(low * 10_000), round(high * 10_000)):
                assert owners[point] is None
                owners[point] = index
    return owners


def test_reweighting_needs_a_weight_a_variant() -> None:
    """Otherwise it can't be known whom to take from."""
    with pytest.raises(ValueError, match="weights: 1 for 2 variants"):
        reweighted([[(0, 0.5)], [(0.5, 1)]], [1.0])


def test_what_moves_is_what_was_in_an_arm_and_is_not() -> None:
    """Units that join from outside don't count; those that leave do."""
    experiment = live().experiments[0]
    assert ranges_of(experiment) == [[(0.0, 0.5)], [(0.5, 1.0)]]
    assert moved_share([[(0.0, 0.5)], [(0.5, 1.0)]], [[(0.0, 0.25)], [(0.25, 1.0)]]) == 0.25
    assert moved_share([[(0.0, 0.1)], [(0.5, 0.6)]], [[(0.0, 0.2)], [(0.5, 0.55)]]) == pytest.approx(0.25)


def test_layers_that_stay_the_same_need_no_units() -> None:
    """They move nobody; what is counted is what all layers would give."""
    more = """\
  - name: colour
    salt: layer-2
    experiments:
      - name: colour
        unit: viewer
        hash: growthbook-v2
        salt: colour-1
        variants: [{name: red, weight: 0.5}, {name: blue, weight: 0.5}]
"""
    old, new = live(tail=more), live(('"@champion", weight: 0.5', '"@champion", weight: 0.6'),
        ('"@challenger", weight: 0.5', '"@challenger", weight: 0.4'), tail=more)  # fmt: skip
    assert [[layer.name for layer in each.layers] for each in without_same(old, new)] == [["ranking"]] * 2
    assert [len(each.layers) for each in without_same(old, old)] == [1, 1]  # the one that names models
    held = live(tail=f"{more}holdout: {{share: 0.1, salt: h-1}}\n")
    assert [len(each.layers) for each in without_same(old, held)] == [2, 2]
    assert [each.experiment for each in diff(old, new, UNITS, 0).experiments] == ["challenger"]
    assert diff(old, new, UNITS, 0).experiments[0].changed == pytest.approx(500, abs=130)
