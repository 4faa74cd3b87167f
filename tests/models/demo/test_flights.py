"""The flights: no feature knows more than its decision, and the table is the one that was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.declaration.declaration import Declaration, read
from models.declaration.refusal import DataError
from models.demo import flights
from models.demo.airport import LONGEST, Departures
from models.demo.crosses import AREAS, CARRIERS, cross
from models.demo.histories import History, Outcomes
from models.table import dataset

RANKER = Path(flights.__file__).parents[1] / "ranker.toml"
ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 2), st.integers(0, 4)), min_size=1
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def table(home: Path) -> dataset.Table:
    return dataset.read(read(RANKER), home)


@given(ROWS, st.integers(0, 9), st.sampled_from([None, 1, 4]), st.randoms(use_true_random=False))
def test_outcomes_known_on_a_day_change_no_history_of_that_day_or_before(
    rows: list[tuple[int, int, int, int]], changed: int, window: int | None, random: object
) -> None:
    key, day, later, grade = (np.array(column) for column in zip(*rows, strict=True))
    known = day + later
    other = np.where(known >= changed, 4 - grade + random.random(), grade)  # type: ignore[attr-defined]
    before, after = (
        History.of(key, Outcomes(day, known, values.astype(float))).mean(5.0, window)
        for values in (grade, other)
    )
    early = day <= changed
    np.testing.assert_array_equal(before[early], after[early])


@given(ROWS, st.sampled_from([None, 1, 4]))
def test_a_history_is_the_shrunken_mean_of_what_was_known(
    rows: list[tuple[int, int, int, int]], window: int | None
) -> None:
    key, day, later, grade = (np.array(column) for column in zip(*rows, strict=True))
    known = day + later
    found = History.of(key, Outcomes(day, known, grade.astype(float))).mean(5.0, window)
    for row in range(len(rows)):
        seen = (known < day[row]) & (known >= (0 if window is None else day[row] - window))
        own = seen & (key == key[row])
        if seen.any():
            wanted = (grade[own].sum() + 5.0 * grade[seen].mean()) / (own.sum() + 5.0)
            assert found[row] == pytest.approx(wanted, rel=1e-6)
        else:
            assert np.isnan(found[row])


DEPARTURES = st.lists(
    st.tuples(st.integers(0, 900), st.none() | st.integers(-20, 400)), min_size=1, max_size=30
)


@settings(max_examples=60)
@given(DEPARTURES, st.integers(1, 16))
def test_what_leaves_after_a_moment_changes_no_figure_of_it(
    rows: list[tuple[int, int | None]], hour: int
) -> None:
    moments = np.arange(0.0, 1000.0, 60.0)
    place, moment = hour, 60.0 * hour
    scheduled = np.array([float(when) for when, _ in rows])
    departed = np.array([np.nan if delay is None else when + delay for when, delay in rows])
    # Nobody knows yet at the moment whether those will leave an hour later or never.
    unknown = ~(departed <= moment)
    figures = []
    for future in (departed, np.where(unknown, np.nan, departed), np.where(unknown, moment + 60.0, departed)):
        found = Departures(scheduled, future)
        columns = (
            found.recent(moments, 2),
            found.waiting(moments),
            found.so_far(moments, 0, 3),
            found.late_today(moments, np.zeros(len(moments))),
        )
        figures.append([column[place] for column in columns])
    np.testing.assert_array_equal(figures[0], figures[1])
    np.testing.assert_array_equal(figures[0], figures[2])


@settings(max_examples=60)
@given(DEPARTURES, st.integers(1, 16))
def test_the_airports_figures_are_what_their_words_say(rows: list[tuple[int, int | None]], hour: int) -> None:
    moments, now = np.arange(0.0, 1000.0, 60.0), 60.0 * hour
    found = Departures(
        np.array([float(when) for when, _ in rows]),
        np.array([np.nan if delay is None else when + delay for when, delay in rows]),
    )
    left = [delay for when, delay in rows if delay is not None and now - 120 < when + delay <= now]
    due = [(when, delay) for when, delay in rows if now - 180 <= when < now]
    late = [
        min(delay if delay is not None and when + delay <= now else now - when, LONGEST)
        for when, delay in due
    ]
    waits = [
        when for when, delay in rows if now - 360 <= when < now and (delay is None or when + delay > now)
    ]
    assert found.recent(moments, 2)[hour] == pytest.approx(np.mean(left) if left else np.nan, nan_ok=True)
    assert found.so_far(moments, 0, 3)[hour] == pytest.approx(np.mean(late) if late else np.nan, nan_ok=True)
    assert found.waiting(moments)[hour] == len(waits)


def test_a_cross_picks_the_items_own_carrier_and_area_and_else_the_airports_figure() -> None:
    items = {
        "carrier": np.array(["UA", "WN", "B6"], dtype=object),
        "area": np.array(["ORD", "BOS", "BOS"], dtype=object),
        "hour_position": np.array([0, 1, 2], dtype=np.float32),
    }
    context = {f"late_{name}": np.array([np.nan], np.float32) for name in CARRIERS}
    context |= {f"late_to_{name}": np.array([np.nan], np.float32) for name in AREAS}
    context |= {"late_3h": np.array([7], np.float32), "waiting": np.array([5], np.float32)}
    context |= {"late_UA": np.array([30], np.float32), "late_to_BOS": np.array([50], np.float32)}
    made = cross(items, context)
    assert made["carrier_late"].tolist() == [30, 7, 7]
    assert made["carrier_excess"].tolist() == [23, 0, 0]
    assert made["area_late"].tolist() == [7, 50, 50]
    assert made["queue"].tolist() == [5, 6, 7]


def test_the_table_is_the_year_as_measured(table: dataset.Table) -> None:
    assert len(table.items) == 334_264
    assert len(table.keys) == 19_482
    assert np.median(np.diff(table.starts)) == 18
    shares = np.bincount(table.label.astype(int)) / len(table.label)
    np.testing.assert_allclose(shares, [0.740, 0.082, 0.073, 0.054, 0.051], atol=0.0006)
    assert 40 <= len(table.declaration.feature_names) <= 60


def test_outcomes_are_known_after_the_decision(table: dataset.Table) -> None:
    assert table.time is not None
    assert table.label_time is not None
    assert (table.label_time > table.time).all()


@pytest.mark.parametrize("name", ["dep_delay", "dep_time", "arr_time", "arr_delay", "air_time"])
def test_what_only_the_flight_itself_tells_is_refused_by_name(
    home: Path, table: dataset.Table, name: str
) -> None:
    declaration = read(RANKER)
    features = declaration.features.model_copy(update={"numeric": (*declaration.numeric, name)})
    wrong: Declaration = declaration.model_copy(update={"features": features})
    with pytest.raises(
        DataError, match=rf"^ranker\.toml: features\.available_at: '{name}' is available at '\w+_at'"
    ):
        dataset.read(wrong, home)


def test_the_weather_is_an_hour_old(table: dataset.Table) -> None:
    raw = flights._read("weather.csv")
    row = raw[(raw["origin"] == "JFK") & (raw["month"] == 3) & (raw["day"] == 8) & (raw["hour"] == 14)]
    asked = np.flatnonzero(table.keys == "2013-03-08T15/JFK")[0]
    got = table.values["wind_speed"][table.starts[asked]]
    assert got == np.float32(row["wind_speed"].iloc[0])


def test_the_prepared_table_is_read_again_and_not_made_again(
    home: Path, table: dataset.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> pd.DataFrame:
        raise AssertionError("the table was made again")

    monkeypatch.setattr(flights, "table", fail)
    assert dataset.read(read(RANKER), home).digest == table.digest
