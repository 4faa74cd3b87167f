"""Columns of closed days: special values apart, and each column's share of the model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bentos.offline.day_columns import column_of, declared, importances, kinds
from models.declaration.declaration import read
from models.demo import flights
from tests.bentos.corrected import Place


def test_special_values_are_a_column_of_their_own() -> None:
    """-9 is no distance; that half of the rows have it is told by the other column."""
    plain = read(Path(flights.__file__).parents[1] / "ranker.toml")
    name = plain.numeric[0]
    features = plain.features.model_copy(update={"special": {name: (-9.0,)}})
    declaration = plain.model_copy(update={"features": features})
    found = kinds(declaration)
    assert (found[name], found[f"{name}, special"]) == ("numeric", "categorical")
    assert f"{name}, special" not in kinds(plain)
    rows = pd.DataFrame({name: [-9.0, 1.0, 2.0, -9.0]})
    assert column_of(rows, name, "numeric", declaration).numbers.finite == 2
    assert column_of(rows, f"{name}, special", "categorical", declaration).names == {
        "-9.0": 2,
        "an amount": 2,
    }


def test_what_a_column_costs_is_its_share_of_the_model(place: Place) -> None:
    """Shares of all features make one; the score has all of it."""
    shares = importances(place.home, "small/1")
    assert shares["score"] == 1.0
    names = declared(place.home, "small/1").feature_names
    assert abs(sum(shares[name] for name in names) - 1.0) < 1e-6
