"""Features as they were served, from records of decisions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue, write_catalogue
from models.declaration.declaration import Declaration
from models.serving.served_features import ServedDecision, served_frame, stacked
from tests.models.tables import declared


@pytest.fixture
def declaration(tmp_path: Path) -> Declaration:
    return declared(tmp_path)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Three items; the last has no price."""
    numbers = {"price": np.array([1, 2, np.nan], np.float32), "age": np.array([7, 8, 9], np.float32)}
    folder = tmp_path / "catalogue"
    return Catalogue.open(
        folder / write_catalogue(folder, [5, 6, 7], numbers, {"country": ["at", "ch", "de"]}, 1.0)
    )


def test_rows_are_the_known_items_of_each_decision(declaration: Declaration, catalogue: Catalogue) -> None:
    """In the order they were shown, with their features, the request's context, and the score then."""
    decisions = [
        ServedDecision("r1", 10.0, [6, 99, 5], [0.9, None, 0.1], {"load": 0.5, "mood": "good"}),
        ServedDecision("r2", 20.0, [7], [None], {}),
        ServedDecision("r3", 30.0, [98], [None], {"load": 1.0}),
    ]
    found = served_frame(declaration, catalogue, decisions)
    assert list(found) == ["request_id", "time", "item", "price", "age", "load", "country", "score"]
    assert found["request_id"].tolist() == ["r1", "r1", "r2"]
    assert found["time"].tolist() == [10.0, 10.0, 20.0]
    assert found["item"].tolist() == [6, 5, 7]
    np.testing.assert_array_equal(found["price"], np.array([2, 1, np.nan], np.float32))
    np.testing.assert_array_equal(found["load"], np.array([0.5, 0.5, np.nan], np.float32))
    assert found["country"].tolist() == ["ch", "at", "de"]
    np.testing.assert_array_equal(found["score"], [0.9, 0.1, np.nan])


def test_without_decisions_there_are_no_rows(declaration: Declaration, catalogue: Catalogue) -> None:
    """An empty frame, not an error."""
    assert served_frame(declaration, catalogue, []).empty


def test_parts_are_put_below_each_other() -> None:
    """In the order of the names; what no part has is empty."""
    parts = [{"b": np.array([1]), "a": np.array([2.5])}, {"a": np.array([3.5]), "b": np.array([4])}]
    found = stacked(("a", "b"), iter(parts))
    assert list(found) == ["a", "b"]
    assert found["a"].tolist() == [2.5, 3.5]
    assert stacked(("a",), [])["a"].shape == (0,)
