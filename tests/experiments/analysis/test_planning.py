"""What a plan says is what drawn experiments do."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from experiments.analysis.planning import PlannedTest, outline, seen_after, stops
from experiments.analysis.sequential import factor
from experiments.analysis.spending import spent
from experiments.analysis.traffic import Traffic
from experiments.config.problems import AnalysisError

DAYS = np.arange(1.0, 29.0)
STEADY = Traffic("m", 10.0, tuple(DAYS), tuple(1_000 * DAYS), tuple(2 / np.sqrt(1_000 * DAYS)))
"""A thousand new units a day, who vary by a fifth of the mean."""
DESIGN = PlannedTest(effect=0.01)
RUNS = 4_000
EDGE = 4 * np.sqrt(0.8 * 0.2 / RUNS)


def test_the_smallest_effect_is_seen_four_times_out_of_five() -> None:
    planned, anytime = seen_after(STEADY, DESIGN, DAYS)
    draw = np.random.default_rng(1)
    for day in (6, 27):
        error = STEADY.error_after(DAYS, 0.5)[day] / 10
        level = spent(0.95, 0.1).end
        seen = np.abs(draw.normal(planned[day], error, RUNS)) > ndtri((1 + level) / 2) * error
        assert abs(seen.mean() - 0.8) < EDGE
        wide = factor(1_000 * (day + 1), 0.95) * error
        seen = np.abs(draw.normal(anytime[day], error, RUNS)) > wide
        assert abs(seen.mean() - 0.8) < EDGE


def test_days_are_those_of_the_sample_size() -> None:
    """At a planned end: 4 σ² (z + z)² / (μ · effect)² units, a thousand a day."""
    found = outline(STEADY, DESIGN)
    z = float(ndtri((1 + spent(0.95, 0.1).end) / 2) + ndtri(0.8))
    units = 4 * 4 * z**2 / (10 * 0.01) ** 2
    assert found.days == int(np.ceil(units / 1_000))
    assert found.days_anytime is not None
    assert found.days_anytime > found.days
    assert found.deviation == pytest.approx(2.0)
    assert [week.days for week in found.weeks] == [7, 14, 21, 28, 35, 42, 49, 56]
    assert found.weeks[-1].units == 56_000
    assert [each.effect for each in found.endless] == [0.0, 0.01, 0.02]
    assert found.endless[2].mean < found.endless[1].mean < found.days_anytime
    assert found.weeks[0].planned == pytest.approx(2 * found.weeks[3].planned)


def test_cuped_saves_its_share_of_the_time() -> None:
    found = outline(replace(STEADY, reduction=0.5), DESIGN)
    assert found.days is not None
    assert found.days_cuped is not None
    assert abs(found.days_cuped - found.days / 2) <= 1
    assert found.weeks[0].cuped == pytest.approx(found.weeks[0].planned * np.sqrt(0.5))


def test_expected_stops_are_those_of_drawn_units() -> None:
    """Sums of drawn units a day, looked at daily, in place of a walk: the same means within four of their
    standard errors."""
    days, draw = 13, np.random.default_rng(3)
    told = stops(STEADY, DESIGN, days)
    level = spent(0.95, 0.1).looks
    wide = np.array([factor(1_000 * day, level) for day in range(1, days + 1)])
    for each in told:
        arms = [
            10 * (1 + lift) + draw.normal(0, 2 / np.sqrt(500), (2_000, days)) for lift in (0.0, each.effect)
        ]
        means = [arm.cumsum(1) / np.arange(1, days + 1) for arm in arms]
        lift = means[1] / means[0] - 1
        half = wide * 4 / np.sqrt(1_000 * np.arange(1, days + 1)) / 10
        decided = (np.abs(lift) > half) | (lift + half < DESIGN.effect)
        decided[:, -1] = True
        ended = decided.argmax(1) + 1
        assert abs(ended.mean() - each.mean) < 4 * np.sqrt(2 / 2_000) * max(ended.std(), 0.5)
    assert told[2].mean < told[1].mean < days
    assert told[2].early > told[1].early


def test_what_is_out_of_reach_is_said_so() -> None:
    found = outline(STEADY, PlannedTest(effect=1e-5))
    assert (found.days, found.days_anytime, found.stops) == (None, None, ())
    assert found.endless == ()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"effect": 0.0}, "--effect 0: must be a change above 0"),
        ({"share": 1.0}, "--share 1: must be between 0 and 1"),
        ({"part": 0.0}, "--traffic 0: must be a share above 0"),
        ({"level": 95.0}, "--level 95: must be between"),
        ({"looks": 1.0}, "--looks 1: must be a share of the error"),
    ],
)
def test_a_senseless_plan_is_one_sentence(wrong: dict[str, float], sentence: str) -> None:
    with pytest.raises(AnalysisError, match=sentence):
        outline(STEADY, replace(DESIGN, **wrong))
