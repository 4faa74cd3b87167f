"""Effects of groups: alike or not, and drawn towards each other as far as they should be."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.differing import Differing, Grouping, differing

ASKED = Grouping("slice", "country", "b")
SIZES = [600, pytest.param(10_000, marks=pytest.mark.slow)]  # runs


def _drawn(draw: np.random.Generator, spread: float, count: int = 8) -> tuple[Differing, dict[str, float]]:
    """Groups of unlike sizes whose true effects are spread around 5%."""
    deviations = draw.choice([0.02, 0.05, 0.1], count)
    truth = 0.05 + spread * draw.normal(size=count)
    seen = truth + deviations * draw.normal(size=count)
    names = [f"g{n}" for n in range(count)]
    found = differing(
        ASKED, dict(zip(names, zip(seen, deviations**2, strict=True), strict=True)), relative=True
    )
    assert found is not None
    return found, dict(zip(names, truth.tolist(), strict=True))


@pytest.mark.parametrize("runs", SIZES)
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.1])
def test_shrunk_estimates_are_nearer_and_their_intervals_hold(spread: float, runs: int) -> None:
    """On average over groups: 95% less four standard errors, with the groups of a run taken
    for one; and the squared error is at most three quarters of the plain one's."""
    draw, held, plain, shrunk = np.random.default_rng(1), [], 0.0, 0.0
    for _ in range(runs):
        found, truth = _drawn(draw, spread)
        for each in found.groups:
            assert each.shrunk is not None
            assert each.interval is not None
            held.append(each.interval[0] <= truth[each.group] <= each.interval[1])
            plain += (each.effect - truth[each.group]) ** 2
            shrunk += (each.shrunk - truth[each.group]) ** 2
    assert np.mean(held) >= 0.95 - 4 * np.sqrt(0.05 * 0.95 / runs)
    assert shrunk < 0.75 * plain


@pytest.mark.parametrize("runs", SIZES)
def test_equal_effects_differ_as_often_as_chance_says(runs: int) -> None:
    draw = np.random.default_rng(2)
    found = [_drawn(draw, 0.0)[0].p < 0.05 for _ in range(runs)]
    assert abs(np.mean(found) - 0.05) <= 4 * np.sqrt(0.05 * 0.95 / runs)
    unequal = [_drawn(draw, 0.1)[0].p < 0.05 for _ in range(100)]
    assert np.mean(unequal) > 0.7


def test_few_groups_are_tested_and_not_shrunk() -> None:
    found = differing(ASKED, {"x": (0.0, 1e-4), "y": (0.1, 1e-4), "z": (0.1, 0.0)}, relative=True)
    assert found is not None
    assert [each.group for each in found.groups] == ["x", "y"]
    assert found.groups[0].shrunk is None
    assert found.p == pytest.approx(1.5e-12, rel=0.1)
    assert "its effect differs by country, p = 1.5e-12; +5.00% in common; it varies by " in found.sentence()
    alike = replace(found, p=0.4, tests=3, spread=0.0).sentence()
    assert alike.endswith("by country, p = 0.4 (corrected for 3 tests); +5.00% in common")
    assert differing(ASKED, {"x": (0.0, 1e-4)}, relative=True) is None


def test_p_is_corrected_for_the_number_of_tests() -> None:
    groups = {"x": (0.0, 1e-4), "y": (0.03, 1e-4)}
    one, many = (
        differing(Grouping("experiment", "c", "b", tests=n), groups, relative=False) for n in (1, 10)
    )
    assert one is not None
    assert many is not None
    assert many.p == pytest.approx(10 * one.p)
    assert "between the arms of c" in many.sentence()
