"""Assignment is sticky, exclusive within a layer, independent between layers, exact at the edges."""

from collections import Counter
from itertools import product
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import hashing
from experiments.assignment.arms import HELD_OUT, Assignment
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.live import Live
from tests.experiments.files import HEAD, live, plan

UNITS = [f"viewer-{i}" for i in range(20_000)]
TRAFFIC = "[[0.0, 1.0]]"


def arms(config: Live, now: float = 0.0, units: list[str] = UNITS) -> dict[str, str]:
    """The variant of each unit that is in the one experiment."""
    compiled = compile_plan(config)
    found = {unit: assign(compiled, unit, {}, now).arms for unit in units}
    return {unit: each[0].variant for unit, each in found.items() if each}


def test_assignment_is_what_the_hash_says() -> None:
    """Bucket and salt in the record are enough to work out the arm again, with any GrowthBook SDK."""
    config = plan()
    for unit in UNITS[:2_000]:
        (arm,) = assign(config, unit, {}, 0).arms
        assert arm.bucket == hashing.fraction("challenger-1", unit)
        assert (arm.experiment, arm.salt, arm.forced) == ("challenger", "challenger-1", False)
        assert arm.variant == ("champion" if arm.bucket < 0.5 else "challenger")
        assert arm.model == "@" + arm.variant


def test_assignment_names_the_model_of_its_arm() -> None:
    """And the default where no arm names one."""
    outside = plan((TRAFFIC, "[[0.0, 0.0001]]"))
    for unit in UNITS[:200]:
        inside = assign(plan(), unit, {}, 0)
        assert inside.model == inside.arms[0].model
    assert assign(outside, "viewer-1", {}, 0) == Assignment((), "@champion")


def test_weights_are_kept_within_what_chance_allows() -> None:
    """Six deviations of a binomial with 20,000 draws."""
    counts = Counter(arms(live()).values())
    assert abs(counts["challenger"] - 10_000) < 6 * sqrt(20_000 * 0.25)


@given(
    st.lists(st.integers(1, 9_999), min_size=2, max_size=2, unique=True),
    st.integers(0, 5_000),
)
@settings(max_examples=20)
def test_growing_traffic_keeps_every_assigned_unit(edges: list[int], start: int) -> None:
    """Ranges that grow only add units; nobody in the experiment changes arm or leaves."""
    small, large = sorted(min(start + edge, 10_000) for edge in edges)
    if small == large:
        return
    before = arms(live((TRAFFIC, f"[[{start / 10_000}, {small / 10_000}]]")), units=UNITS[:3_000])
    after = arms(live((TRAFFIC, f"[[{start / 10_000}, {large / 10_000}]]")), units=UNITS[:3_000])
    assert before.items() <= after.items()


def test_ramp_opens_the_first_share_of_the_traffic_and_keeps_it() -> None:
    """Before the first step nobody, after the last everybody, and each step holds the one before it."""
    config = live(
        (TRAFFIC, "[[0.1, 0.3], [0.6, 0.8]]"),
        tail="        ramp:\n          - {at: 2026-01-01, share: 0.25}\n"
        "          - {at: 2026-01-02, share: 0.75}\n"
        "          - {at: 2026-01-03, share: 1}\n",
    )
    day = 1_767_225_600
    stages = [arms(config, now) for now in (day - 1, day, day + 86_400, day + 2 * 86_400)]
    assert stages[0] == {}
    assert stages[1].items() < stages[2].items() < stages[3].items()
    assert stages[3] == arms(live((TRAFFIC, "[[0.1, 0.3], [0.6, 0.8]]")))
    for stage, share in zip(stages[1:], (0.1, 0.3, 0.4), strict=True):
        assert abs(len(stage) - 20_000 * share) < 6 * sqrt(20_000 * share * (1 - share))


def test_start_is_in_and_end_is_out() -> None:
    """Half open in time as well; the kill switch closes it at any time."""
    config = live(tail="        start: 2026-01-01\n        end: 2026-01-02\n")
    day = 1_767_225_600
    counts = [len(arms(config, now, UNITS[:100])) for now in (day - 0.001, day, day + 86_399.9, day + 86_400)]
    assert counts == [0, 100, 100, 0]
    stopped = live(tail="        enabled: false\n        overrides: {viewer-1: challenger}\n")
    assert arms(stopped) == {}


SECOND = """\
      - name: other
        unit: viewer
        hash: growthbook-v2
        salt: other-1
        traffic: [[0.5, 1.0]]
        variants: [{name: a, weight: 0.5}, {name: b, weight: 0.5}]
"""
LAYER = """\
  - name: colours
    salt: layer-2
    experiments:
      - name: colour
        unit: viewer
        hash: growthbook-v2
        salt: colour-1
        variants: [{name: red, weight: 0.5}, {name: blue, weight: 0.5}]
"""


def test_a_layer_excludes_and_misses_nobody() -> None:
    """Each unit is in exactly one of two experiments that share a layer out."""
    config = plan((TRAFFIC, "[[0.0, 0.5]]"), tail=SECOND)
    found = [assign(config, unit, {}, 0) for unit in UNITS]
    assert all(len(each.arms) == 1 for each in found)
    assert {each.arms[0].experiment for each in found} == {"challenger", "other"}
    assert all(each.model == (each.arms[0].model or "@champion") for each in found)


def test_layers_are_independent() -> None:
    """All four pairs of arms of two layers are equally common: chi-squared below 7 + 6·√6 (df 3)."""
    config = plan(tail=LAYER)
    pairs = Counter(tuple(arm.variant for arm in assign(config, unit, {}, 0).arms) for unit in UNITS)
    expected = len(UNITS) / 4
    assert set(pairs) == set(product(("champion", "challenger"), ("red", "blue")))
    assert sum((count - expected) ** 2 / expected for count in pairs.values()) < 3 + 6 * sqrt(6)


def test_explicit_ranges_leave_the_rest_out() -> None:
    """An experiment moved from GrowthBook with a coverage of 20% keeps every unit's variation."""
    config = live(
        ('"@champion", weight: 0.5', '"@champion", ranges: [[0.0, 0.1]]'),
        ('"@challenger", weight: 0.5', '"@challenger", ranges: [[0.5, 0.6]]'),
    )
    found = arms(config)
    ranges = hashing.ranges_of([0.5, 0.5], 0.2)
    for unit in UNITS:
        index = hashing.choose(hashing.fraction("challenger-1", unit), ranges)
        assert found.get(unit) == (None, "champion", "challenger")[index + 1]


def test_override_comes_before_traffic_targeting_and_holdout() -> None:
    """It is marked as forced, so that no analysis counts it."""
    tail = "        targeting: {airport: {eq: JFK}}\n        overrides: {viewer-1: challenger}\n"
    config = plan((TRAFFIC, "[[0.0, 0.0001]]"), tail=tail + "holdout: {share: 1, salt: h-1}\n")
    found = assign(config, "viewer-1", {}, 0)
    assert [(arm.variant, arm.forced) for arm in found.arms] == [(HELD_OUT, False), ("challenger", True)]
    assert found.model == "@challenger"
    assert [arm.variant for arm in assign(config, "viewer-2", {}, 0).arms] == [HELD_OUT]


def test_holdout_takes_its_share_out_of_every_experiment() -> None:
    """Units held out are in no experiment, whatever the layer; the others are in all."""
    config = plan(tail=LAYER + "holdout: {share: 0.1, salt: h-1}\n")
    counts = Counter(tuple(arm.experiment for arm in assign(config, unit, {}, 0).arms) for unit in UNITS)
    assert set(counts) == {("holdout",), ("challenger", "colour")}
    assert abs(counts["holdout",] - 2_000) < 6 * sqrt(20_000 * 0.09)


@pytest.mark.parametrize(
    ("value", "inside"), [("s-1", True), (12, True), (None, False), (True, False), (1.5, False)]
)
def test_an_attribute_can_be_the_unit(value: object, inside: bool) -> None:
    """A request that doesn't carry it is not in the experiment."""
    config = plan(("        unit: viewer", "        unit: session"))
    found = assign(config, "viewer-1", {"session": value}, 0).arms
    assert bool(found) == inside
    if found:
        assert found[0].bucket == hashing.fraction("challenger-1", str(value))


def test_interleaving_has_both_models_and_one_arm() -> None:
    """The slate is drafted from both; the arm only says that it was."""
    config = plan(
        ("        hash:", "        mode: interleave\n        hash:"),
        (', weight: 0.5}\n          - {name: challenger, model: "@challenger", weight: 0.5}',
         '}\n          - {name: challenger, model: "@challenger"}'),
    )  # fmt: skip
    found = assign(config, "viewer-1", {}, 0)
    assert found.interleave == ("@champion", "@challenger")
    assert [arm.variant for arm in found.arms] == ["interleaved"]


@given(st.text(max_size=40))
def test_any_unit_is_assigned_the_same_every_time(unit: str) -> None:
    """Unicode, control characters and the empty unit included; a fresh compilation agrees."""
    config = live()
    assert assign(compile_plan(config), unit, {}, 0) == assign(
        compile_plan(Live.from_json(config.to_json())), unit, {}, 1e9
    )


def test_without_experiments_the_default_ranks() -> None:
    """An empty file is a sound one."""
    empty = compile_plan(Live.model_validate({"default": "@champion"}))
    assert assign(empty, "viewer-1", {}, 0) == Assignment((), "@champion")
    assert HEAD.startswith("version: 1")
