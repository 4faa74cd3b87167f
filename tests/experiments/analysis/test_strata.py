"""Where weights changed, units are compared with those that had the same chances at the same time."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.question import Measure
from experiments.analysis.strata import allocations
from tests.experiments.analysis.frames import asked, question

WEIGHTS = {"mon": {"a": 0.9, "b": 0.1}, "tue": {"a": 0.5, "b": 0.5}}
ASKS = question(weights=WEIGHTS, phase="phase", time="time", ended=True)


def days(lift: float, seed: int, *, again: bool = False, units: int = 3_000) -> pd.DataFrame:
    """Two days, the mean 10 on Monday at 90/10 and 11 on Tuesday at 50/50; units of both days if `again`."""
    draw = np.random.default_rng(seed)
    bucket, own = draw.random(units), draw.normal(0, 1, units)
    parts = []
    for time, (phase, mean) in enumerate((("mon", 10), ("tue", 11))):
        there = draw.random(units) < 0.5 + 0.3 * (own > 0) if again else np.arange(units) % 2 == time
        unit = np.flatnonzero(there)
        arm = np.where(bucket[unit] < WEIGHTS[phase]["a"], "a", "b")
        m = (mean + own[unit] + draw.normal(0, 1, len(unit))) * np.where(arm == "b", 1 + lift, 1)
        parts.append(pd.DataFrame({"unit": unit, "arm": arm, "phase": phase, "time": time, "m": m}))
    return pd.concat(parts)


def test_equal_arms_are_equal_though_days_differ() -> None:
    """Pooled, the difference of the days is eight standard errors of the arms'; within strata it is none."""
    data = days(0.0, 1)
    found, _ = asked(data, ASKS)
    (effect,) = found.effects
    assert abs(effect.difference) < 3 * effect.deviation
    pooled, _ = asked(data.drop(columns="phase"), question(weights={"": {"a": 0.7, "b": 0.3}}, ended=True))
    assert pooled.effects[0].difference > 6 * pooled.effects[0].deviation
    assert found.strata == {
        "at 90/10": pytest.approx(0.5, abs=0.05),
        "at 50/50": pytest.approx(0.5, abs=0.05),
    }


def test_better_on_both_days_is_better() -> None:
    """Simpson's paradox: 10% and 13.5% on one day, 60% and 80% on the other; worse when pooled."""
    counts = {
        ("mon", "a"): (1_800, 180),
        ("mon", "b"): (200, 27),
        ("tue", "a"): (200, 120),
        ("tue", "b"): (200, 160),
    }
    rows = [
        (f"{phase}{arm}{n}", arm, phase, float(n < good))
        for (phase, arm), (size, good) in counts.items()
        for n in range(size)
    ]
    data = pd.DataFrame(rows, columns=["unit", "arm", "phase", "m"])
    found, _ = asked(data, question(weights=WEIGHTS, phase="phase", ended=True))
    (effect,) = found.effects
    shares = np.array([2_000, 400]) / 2_400
    assert effect.control_value == pytest.approx(shares @ [0.1, 0.6])
    assert effect.value == pytest.approx(shares @ [0.135, 0.8])
    variances = [0.1 * 0.9 / 1_800 + 0.135 * 0.865 / 200, 0.6 * 0.4 / 200 + 0.8 * 0.2 / 200]
    assert effect.deviation == pytest.approx(np.sqrt(shares**2 @ variances), rel=0.01)


@pytest.mark.parametrize("per_unit", [False, True])
def test_units_that_weights_moved_keep_their_first_arm(per_unit: bool) -> None:
    """They leave with the rows of their second arm, and end nothing; those that came back are a stratum."""
    data = days(0.1, 3, again=True)
    found, said = asked(
        data, question(Measure("m", "m", per_unit=per_unit), weights=WEIGHTS, phase="phase", time="time")
    )
    moved = data.groupby("unit").arm.nunique().gt(1).sum()
    assert (found.crossed, found.moved) == (0, moved)
    assert list(found.strata) == ["at 90/10", "first seen at 90/10, then at 50/50", "at 50/50"]
    assert found.accounting.left_out[0].rows == moved
    assert found.effects[0].lift == pytest.approx(0.1, abs=4 * found.effects[0].deviation / 10)
    assert said.startswith("ship b")
    assert any(f"{moved:,} units changed arm with the weights" in note for note in found.notes)


def test_an_arm_that_came_later_is_compared_from_then_on() -> None:
    """A stratum in which an arm has no units is left out, and a note says so."""
    data = days(0.1, 4)
    data = data[(data.phase == "tue") | (data.arm == "a")]
    weights = {"mon": {"a": 1.0, "b": 0.0}, "tue": WEIGHTS["tue"]}
    found, _ = asked(data, question(weights=weights, phase="phase"))
    assert found.effects[0].control_value == pytest.approx(11, abs=0.3)
    assert "b: not compared where it or the control has under 10 units: at 100/0" in found.notes


def test_equal_weights_are_one_allocation() -> None:
    """A file that changes something else, or a ramp, makes no stratum; shares count, not what they sum to."""
    weights = {"x": {"a": 1.0, "b": 1.0}, "y": {"a": 0.5, "b": 0.5}, "z": {"a": 0.7, "b": 0.3}}
    assert allocations(question(weights=weights)) == {"x": 0, "y": 0, "z": 1}
