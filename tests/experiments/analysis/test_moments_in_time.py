"""Units by parts of a time, as pandas counts them."""

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.cleaning import clean
from experiments.analysis.moments_in_time import DAY, PARTS, Clock, in_time
from experiments.analysis.question import Measure
from tests.experiments.analysis.frames import question, table

START = 1_767_225_600.0  # 2026-01-01
MEAN, SUM, RATIO = Measure("m", "m"), Measure("m", "m", per_unit=True), Measure("m", "m", denominator="w")


def visits(days: float = 6.0, units: int = 200, seed: int = 1) -> pd.DataFrame:
    """Units that come several times, from different days on."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), 5)
    at = START + DAY * np.minimum(draw.uniform(0, days, units)[unit] + draw.exponential(1, len(unit)), days)
    data = pd.DataFrame({"unit": unit.astype(str), "arm": np.where(unit % 2, "b", "a"), "t": at})
    data["m"], data["w"] = draw.normal(10, 2, len(unit)), draw.integers(1, 4, len(unit))
    data["first"] = data.groupby("unit").t.transform("min")
    return data


def _parts(data: pd.DataFrame, measure: Measure, clock: Clock):  # type: ignore[no-untyped-def]  # noqa: ANN202
    asked = question(measure, time="t")
    return in_time(clean(table(data), asked)[0], asked, clock)


@pytest.mark.parametrize("measure", [MEAN, SUM, RATIO])
def test_by_the_calendar(measure: Measure) -> None:
    data = visits()
    found = _parts(data, measure, "calendar")
    assert found.labels[:2] == ("2026-01-01", "2026-01-02")
    arm = found.moments["b"]
    for number in (0, 3):
        rows = data[(data.arm == "b") & ((data.t - START) // DAY == number)]
        size = {MEAN: len(rows), SUM: rows.unit.nunique(), RATIO: rows.w.sum()}[measure]
        assert arm.mean(f"n{number}") * arm.count() == pytest.approx(rows.m.sum())
        assert arm.mean(f"d{number}") * arm.count() == pytest.approx(size)
    assert sum(arm.mean(f"f{number}") for number in range(len(found.labels))) == pytest.approx(1)


@pytest.mark.parametrize("measure", [MEAN, SUM])
def test_since_first_seen_only_units_that_were_observed_for_all_of_a_part(measure: Measure) -> None:
    data = visits()
    found = _parts(data, measure, "since first seen")
    assert found.labels[:2] == ("days 0 to 1", "days 1 to 2")
    for number in (0, 2):
        whole = data[(data.arm == "a") & (data["first"] + (number + 1) * DAY <= data.t.max())]
        rows = whole[(whole.t - whole["first"]) // DAY == number]
        arm = found.moments["a"]
        size = len(rows) if measure is MEAN else whole.unit.nunique()
        assert arm.mean(f"n{number}") * arm.count() == pytest.approx(rows.m.sum())
        assert arm.mean(f"d{number}") * arm.count() == pytest.approx(size)


@pytest.mark.parametrize(
    ("written", "first"),
    [
        (lambda t: pd.to_datetime(t, unit="s"), "2026-01-01"),
        (lambda t: pd.to_datetime(t, unit="s").dt.strftime("%Y-%m-%d %H:%M:%S"), "2026-01-01"),
        (lambda t: pd.to_datetime(t, unit="s").dt.date, "2026-01-01"),
        (lambda t: ((t - START) // DAY).astype(int), "0"),
        (lambda t: (t - START) / 1e6, "0"),
    ],
)
def test_times_however_they_are_written(written, first: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    data = visits()
    data["t"] = written(data.t)
    found = _parts(data, MEAN, "calendar")
    assert float(found.labels[0]) == pytest.approx(0, abs=0.05) if first == "0" else found.labels[0] == first
    assert 6 <= len(found.labels) <= PARTS + 1


def test_a_long_time_has_few_parts() -> None:
    found = _parts(visits(days=90.0), MEAN, "calendar")
    assert len(found.labels) <= PARTS


def test_what_is_no_time_has_none() -> None:
    data = visits()
    data["t"] = "yesterday"
    assert _parts(data, MEAN, "calendar") is None
    data["t"] = START
    assert _parts(data, MEAN, "calendar") is None
    asked = question(MEAN)
    assert in_time(clean(table(data), asked)[0], asked, "calendar") is None


def test_units_in_two_arms_are_in_none() -> None:
    data = visits()
    data.loc[data.index[0], "arm"] = "b"
    found = _parts(data, MEAN, "calendar")
    assert sum(each.count() for each in found.moments.values()) == data.unit.nunique() - 1
