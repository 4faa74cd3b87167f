"""The flights: no feature knows more than its decision, and the table is the one that was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration, read
from models.declaration.refusal import DataError
from models.demo import flights
from models.table import dataset

RANKER = Path(flights.__file__).parents[1] / "ranker.toml"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def table(home: Path) -> dataset.Table:
    return dataset.read(read(RANKER), home)


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
