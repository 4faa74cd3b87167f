"""Slices and other experiments' arms, from rows to what differs."""

from html import unescape

import numpy as np
import pandas as pd
import pytest

from experiments.analysis.analyze import analyze
from experiments.analysis.grouped import differences, grouped, not_shown
from experiments.analysis.page import page
from experiments.analysis.question import Measure
from experiments.analysis.verdicts import verdicts_of
from tests.experiments.analysis.frames import frame, question, table


def _rows(interaction: float, units: int = 4_000, seed: int = 1) -> pd.DataFrame:
    """Two experiments at once, and a slice that nothing differs by."""
    draw = np.random.default_rng(seed)
    arm = np.where(draw.random(units) < 0.5, "b", "a")
    other = np.where(draw.random(units) < 0.5, "blue", "red")
    m = draw.normal(10, 2, units) + 0.5 * (arm == "b") + interaction * (arm == "b") * (other == "blue")
    country = np.array(list("uvwxyz"))[draw.integers(0, 6, units)]
    return pd.DataFrame(
        {"unit": np.arange(units).astype(str), "arm": arm, "colour": other, "m": m, "country": country}
    )


def test_an_interaction_is_seen_where_there_is_one() -> None:
    for interaction, seen in ((0.0, False), (1.0, True)):
        found = analyze(table(_rows(interaction)), question(slices=("country",), beside=("colour",)))
        by, beside = found.differing
        assert (by.kind, by.column, beside.kind, beside.column) == (
            "slice",
            "country",
            "experiment",
            "colour",
        )
        assert by.p > 0.01
        assert (beside.p < 0.001) == seen
        assert "colour" not in found.slices


def test_figures_are_those_of_each_group() -> None:
    """The standard error of a lift is that of a ratio of two means."""
    data, asked = _rows(0.0), question()
    [found] = differences("slice", grouped(table(data), asked, ("country",)), asked)
    for each in found.groups:
        rows = data[data.country == each.group]
        own, other = rows[rows.arm == "a"].m, rows[rows.arm == "b"].m
        ratio = other.mean() / own.mean()
        assert each.effect == pytest.approx(ratio - 1)
        parts = other.var() / len(other) / other.mean() ** 2 + own.var() / len(own) / own.mean() ** 2
        assert each.deviation == pytest.approx(ratio * np.sqrt(parts), rel=0.01)


def test_units_outside_the_other_experiment_are_in_no_group() -> None:
    data = _rows(0.0)
    data.loc[::3, "colour"] = None
    groups = grouped(table(data), question(), ("colour",))
    assert sum(sum(each.units) for [each] in groups["colour"].values()) == data.colour.notna().sum()


def test_what_slices_leave_out_is_said() -> None:
    """Values after the twentieth, and rows without any."""
    data = frame(units=600).assign(place=[f"p{min(n // 3, 25)}" if n % 3 else None for n in range(600)])
    few, none = not_shown(table(data), ("place",))
    assert few == "slice place: the 20 largest of 26 values are shown; 12 of 600 rows are in the others"
    assert none == "slice place: 200 of 600 rows have no value and are in no slice"
    assert not_shown(table(data.assign(place="one")), ("place",)) == []
    assert few in analyze(table(data), question(slices=("place",))).notes


@pytest.mark.parametrize(
    "hostile",
    [
        lambda data: data.assign(m=5.0),
        lambda data: data.assign(m=data.m * 1e300),
        lambda data: data.assign(m=data.m * 1e-300),
        lambda data: data.assign(m=np.nan),
        lambda data: data.assign(w=0.0),
        lambda data: data.assign(t=None),
        lambda data: data.assign(t=data.t.where(data.index % 2 == 0)),
        lambda data: data.assign(country=None, colour=None),
        lambda data: data.iloc[:0],
    ],
)
def test_whatever_a_table_holds_there_is_an_answer(hostile) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Over time, by slices and beside other experiments; a page as well."""
    data = _rows(0.0, units=400).assign(w=1.0)
    data["t"] = pd.to_datetime(1_767_225_600 + np.arange(len(data)) * 2_000, unit="s")
    measure = Measure("m", "m", denominator="w")
    settings = {"time": "t", "slices": ("country",), "beside": ("colour",), "detailed": True}
    asked = question(measure, **settings)
    found = analyze(table(hostile(data)), asked)
    said = verdicts_of(found, asked)
    assert said.overall.word in {"ship", "don't", "keep going", "can't say"}
    assert str(said) in unescape(page("x", found, asked, said, []))
