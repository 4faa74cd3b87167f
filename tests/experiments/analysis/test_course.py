"""Effects over time: bands that hold jointly, and a trend that is seen where there is one."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.analysis.cleaning import clean
from experiments.analysis.course import EffectCourse, _course, courses, none_because, unlike
from experiments.analysis.moments import Moments
from experiments.analysis.moments_in_time import TimeParts
from experiments.analysis.question import Measure
from tests.experiments.analysis.frames import question, table
from tests.experiments.analysis.test_moments_in_time import MEAN, SUM, visits

K, UNITS = 6, 400
SIZES = [400, pytest.param(4_000, marks=pytest.mark.slow)]  # runs


def _moments(columns: dict[str, NDArray[np.float64]]) -> Moments:
    names = sorted(columns)
    whole = np.cov(np.array([columns[name] for name in names]))
    place = {name: i for i, name in enumerate(names)}
    return Moments(
        len(columns[names[0]]),
        {name: float(columns[name].mean()) for name in names},
        {name: float(whole[place[name], place[name]]) for name in names},
        {pair: float(whole[place[pair[0]], place[pair[1]]]) for pair in combinations(names, 2)},
    )


def _drawn(draw: np.random.Generator, effect: NDArray[np.float64], *, sums: bool) -> Moments:
    """Units that come in some of six parts, alike in all of them, so that parts depend on each other."""
    there = (draw.random((UNITS, K)) < 0.6).astype(float)
    there[there.sum(1) == 0, 0] = 1
    rows = there * draw.integers(1, 4, (UNITS, K))
    value = rows * (10 + draw.normal(0, 2, (UNITS, 1)) + effect) + there * draw.normal(0, 2, (UNITS, K))
    first = np.eye(K)[there.argmax(1)]
    columns = {}
    for k in range(K):
        size = there[:, k] if sums else rows[:, k]
        columns |= {f"n{k}": value[:, k], f"d{k}": size, f"u{k}": there[:, k], f"f{k}": first[:, k]}
    return _moments(columns)


def _courses(seed: int, effect: NDArray[np.float64], *, sums: bool = False) -> dict[str, EffectCourse]:
    draw = np.random.default_rng(seed)
    arms = {"a": _drawn(draw, np.zeros(K), sums=sums), "b": _drawn(draw, effect, sums=sums)}
    parts = TimeParts(tuple("uvwxyz"), arms, sums)
    found = {}
    for kind in ("calendar", "summed up", "since first seen"):
        each = _course(parts, question(ended=True), kind, "b")  # type: ignore[arg-type]
        assert each is not None
        found[kind] = each
    return found


@pytest.mark.parametrize("runs", SIZES)
@pytest.mark.parametrize("sums", [False, True])
def test_bands_hold_in_all_parts_together(sums: bool, runs: int) -> None:
    """Equal arms: a band misses 0 anywhere in at most 5% of the pairs; a trend is seen in 5% of them."""
    edge = 4 * np.sqrt(0.05 * 0.95 / runs)  # four standard errors of a rate of 5%
    missed, trends = dict.fromkeys(("calendar", "summed up"), 0), 0
    for seed in range(runs):
        found = _courses(seed, np.zeros(K), sums=sums)
        for kind in missed:
            missed[kind] += any(not m.interval[0] <= 0 <= m.interval[1] for m in found[kind].moments)
        trend = found["since first seen"].trend
        assert trend is not None
        trends += trend < 0.05
    assert max(missed.values()) / runs <= 0.05 + edge
    assert missed["calendar"] / runs >= 0.005  # and it is no wider than it need be
    assert abs(trends / runs - 0.05) <= edge


def test_a_novelty_is_seen_and_an_even_effect_is_none() -> None:
    """Of forty pairs each, an effect that goes from 20% to nothing is seen in most; an even one isn't."""
    fading, even = np.linspace(2.0, 0.0, K), np.full(K, 1.0)
    seen = [_courses(seed, fading)["since first seen"].trend for seed in range(40)]
    still = [_courses(seed, even)["since first seen"].trend for seed in range(40)]
    assert np.mean([p is not None and p < 0.01 for p in seen]) > 0.9
    assert np.mean([p is not None and p < 0.01 for p in still]) < 0.1


def test_what_is_summed_up_ends_at_the_effect_of_all() -> None:
    """Whether means of rows or sums of units."""
    data = visits(units=600)
    data["m"] += (data.arm == "b") * 1.0
    for measure in (MEAN, SUM):
        asked = question(measure, time="t")
        found = courses(clean(table(data), asked)[0], asked)
        [summed] = [each for each in found if each.kind == "summed up"]
        size = data[data.arm == "b"].unit.nunique() if measure is SUM else (data.arm == "b").sum()
        assert summed.moments[-1].value == pytest.approx(data[data.arm == "b"].m.sum() / size)
        assert sum(summed.moments[-1].units) == 600
        assert {each.kind for each in found} == {"calendar", "summed up", "since first seen"}


def test_without_times_there_is_none() -> None:
    assert courses(clean(table(visits()), question(MEAN))[0], question(MEAN)) == ()


def test_parts_with_few_units_are_not_shown() -> None:
    data = visits(units=40)
    asked = question(MEAN, time="t")
    assert courses(clean(table(data), asked)[0], asked) == ()


def test_what_the_effect_has_and_its_course_has_not_is_told() -> None:
    """CUPED, caps and triggers, and nothing where there is none of them; why there is no course at all."""
    plain, quantile = Measure("m", "m"), Measure("p90(m)", "m", quantile=0.9)
    capped = Measure("m", "m", winsorise=0.99, before=("p", None))
    assert unlike(question(plain, time="t")) is None
    assert str(unlike(question(capped, time="t"))).startswith(
        "m: the effect is adjusted for units' pasts (CUPED) and capped (winsorised); over time"
    )
    assert "where arms differ (trigger)" in str(unlike(question(plain, time="t", trigger="x")))
    assert none_because(question(plain, time="t"), weights_changed=False) is None
    assert "--time" in str(none_because(question(plain), weights_changed=False))
    assert "weights" in str(none_because(question(plain, time="t"), weights_changed=True))
    assert "is a quantile" in str(none_because(question(quantile, time="t"), weights_changed=False))
