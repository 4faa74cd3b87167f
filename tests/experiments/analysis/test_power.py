"""The sizes that are needed before starting are those that a simulation needs."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.power import pilot, power_of
from experiments.analysis.question import Measure
from experiments.analysis.sequential import half_width
from tests.experiments.analysis.frames import frame, table


def test_power_is_what_a_simulation_sees() -> None:
    """400 experiments of the size asked for: seen 80% ± 4 deviations of the time, once and at any time."""
    measure, draw = Measure("m", "m", effect=0.05), np.random.default_rng(1)
    found = power_of(measure, mean=10, deviation=2, units_per_day=100)
    for units, width in ((found.fixed, 1.96), (found.anytime, None)):
        deviation = 2 * np.sqrt(4 / units)
        limit = width * deviation if width else half_width(deviation, units)
        differences = draw.normal(0.5, deviation, 400)
        assert abs(np.mean(np.abs(differences) > limit) - 0.8) < 4 * np.sqrt(0.16 / 400)
    assert found.anytime > found.fixed
    assert found.days == pytest.approx(found.anytime / 100, rel=0.01)


def test_pilot_gives_mean_and_deviation_per_unit() -> None:
    """Of a table of the past: the unit means' own, as each unit has as many rows."""
    data = frame(rows=4)
    ((measure, mean, deviation, units),) = pilot(table(data), (Measure("m", "m"),))
    means = data.groupby("unit").m.mean()
    assert (measure.name, units) == ("m", 2_000)
    assert mean == pytest.approx(means.mean())
    assert deviation == pytest.approx(means.std(), rel=1e-3)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"mean": 0.0}, "m: mean 0 and deviation 2 give no relative effect"),
        ({"deviation": 0.0}, "m: mean 10 and deviation 0 give no relative effect"),
        ({"share": 1.0}, "share: 1 must be between 0 and 1; both arms need units"),
    ],
)
def test_power_of_nothing(settings: dict[str, float], sentence: str) -> None:
    """Says which figure is impossible."""
    with pytest.raises(ValueError, match=sentence):
        power_of(Measure("m", "m"), **{"mean": 10.0, "deviation": 2.0, **settings})


def test_smaller_effects_and_uneven_arms_need_more() -> None:
    """A quarter of the effect: sixteen times the units."""
    base = power_of(Measure("m", "m", effect=0.04), 10, 2)
    small = power_of(replace(Measure("m", "m"), effect=0.01), 10, 2)
    assert small.fixed / base.fixed == pytest.approx(16, rel=0.01)
    assert power_of(Measure("m", "m", effect=0.04), 10, 2, share=0.1).fixed > 2.5 * base.fixed
