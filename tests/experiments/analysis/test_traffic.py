"""How much is known after so many days."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.cleaning import clean
from experiments.analysis.moments_in_time import DAY, in_time
from experiments.analysis.question import Measure, Question
from experiments.analysis.traffic import Traffic, traffic_of
from experiments.config.problems import AnalysisError
from tests.experiments.analysis.frames import table

START = 1_767_225_600.0
GROWING = Traffic("m", 10.0, (1.0, 2.0, 4.0), (100.0, 180.0, 300.0), (0.2, 0.15, 0.12))


def _past(days: int = 6, units: int = 600) -> pd.DataFrame:
    """Units that come on some of the days, each at a level of its own."""
    draw = np.random.default_rng(1)
    unit, day = np.nonzero(draw.random((units, days)) < 0.3)
    m = draw.normal(10, 2, units)[unit] + draw.normal(0, 3, len(unit))
    at = START + DAY * (day + draw.random(len(unit)) * 0.9)
    return pd.DataFrame({"unit": unit.astype(str), "arm": "all", "m": m, "t": at})


def test_it_is_what_the_first_days_were() -> None:
    data = _past()
    asked = Question("all", {"": {"all": 1.0}}, (Measure("m", "m"),), time="t")
    parts = in_time(clean(table(data), asked)[0], asked, "calendar")
    assert parts is not None
    found = traffic_of(parts, "m")
    for day, units, error in zip(
        (1, 3, 6), *(np.array(x)[[0, 2, 5]] for x in (found.units, found.errors)), strict=True
    ):
        seen = data[data.t < START + day * DAY]
        sums = seen.groupby("unit").m.agg(["sum", "count"])
        assert units == len(sums)
        rest = sums["sum"] - sums["count"] * seen.m.mean()
        count = data.unit.nunique()
        spread = np.concatenate([rest, np.zeros(count - len(rest))]).var(ddof=1) * count
        assert error == pytest.approx(np.sqrt(spread) / len(seen), rel=1e-6)
    assert found.mean == pytest.approx(data.m.mean())
    assert found.rows == pytest.approx(len(data) / data.unit.nunique())
    assert found.days == pytest.approx((1, 2, 3, 4, 5, (data.t.max() - data.t.min()) / DAY), abs=0.05)


def test_between_days_and_beyond_them() -> None:
    days = np.array([0.5, 1.0, 2.0, 4.0, 8.0])
    units = GROWING.units_after(days)
    assert units[:4] == pytest.approx([50, 100, 180, 300])
    assert units[4] == pytest.approx(300 * 300 / 180)  # the slope of the last third goes on
    error = GROWING.error_after(days, 0.5)
    assert error[1:4] == pytest.approx([0.4, 0.3, 0.24])
    assert error[0] == pytest.approx(0.4 * np.sqrt(2))
    assert (np.diff(GROWING.error_after(np.arange(1.0, 400), 0.5)) < 0).all()
    assert GROWING.error_after(days, 0.5, 0.25) == pytest.approx(2 * error)
    assert GROWING.error_after(days, 0.1)[1] == pytest.approx(0.2 * np.sqrt(10 + 1 / 0.9))


def test_what_never_varies_cannot_be_planned() -> None:
    data = _past()
    data["m"] = 0.0
    asked = Question("all", {"": {"all": 1.0}}, (Measure("m", "m"),), time="t")
    parts = in_time(clean(table(data), asked)[0], asked, "calendar")
    assert parts is not None
    with pytest.raises(AnalysisError, match="m: the log has no two days of it with variation"):
        traffic_of(parts, "m")
