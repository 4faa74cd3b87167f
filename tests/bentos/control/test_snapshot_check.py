"""A new snapshot's columns are what the served ones are, or a sentence says what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bentos.control.snapshot_check import LEAST, why_not
from bentos.home.state import write_atomically
from models.catalogue.catalogue import Catalogue, write_catalogue
from tests.bentos.control.parted import DECLARED

ITEMS = 1_000
NAMES = ("a", "b", "c")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A version that reads three numbers and a word; it has no reference window."""
    features = {"numeric": [*NAMES], "categorical": ["kind"], "available_at": {"*": "0h"}}
    declared = DECLARED | {"features": features}
    write_atomically(tmp_path / "versions" / "3" / "declaration.json", json.dumps(declared).encode())
    return tmp_path / "versions" / "3"


def columns(seed: int = 0) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {name: draw.lognormal(size=ITEMS).astype(np.float32) for name in NAMES}


def opened(
    folder: Path, numeric: dict[str, np.ndarray], kinds: list[str] | None = None, first: int = 0
) -> Catalogue:
    count = len(next(iter(numeric.values())))
    items = [f"item-{first + place}" for place in range(count)]
    words = kinds or [("red", "green", "blue")[place % 3] for place in range(count)]
    snapshot = write_catalogue(folder / "catalogue", items, numeric, {"kind": words}, 1.0)
    return Catalogue.open(folder / "catalogue" / snapshot)


def test_a_refreshed_catalogue_is_let_in(tmp_path: Path, package: Path) -> None:
    """The same items with values that moved a little; and the very same snapshot."""
    served = opened(tmp_path, columns())
    moved = {name: values * np.float32(1.02) for name, values in columns().items()}
    assert why_not(opened(tmp_path, moved), served, [package]) is None
    assert why_not(served, served, [package]) is None


def test_a_column_that_is_upside_down_is_named(tmp_path: Path, package: Path) -> None:
    """With its rank correlation; the distribution of its values is the same."""
    changed = columns()
    changed["b"] = np.sort(changed["b"])[::-1][np.argsort(np.argsort(changed["b"]))]
    found = why_not(opened(tmp_path, changed), opened(tmp_path, columns()), [package])
    assert found is not None
    assert found.startswith("b: it is upside down: rank correlation -1.00 with what is served")


def test_items_that_got_each_others_values_are_told(tmp_path: Path, package: Path) -> None:
    """Every column has the right values, at the wrong items."""
    order = np.random.default_rng(5).permutation(ITEMS)
    shuffled = {name: values[order] for name, values in columns().items()}
    found = why_not(opened(tmp_path, shuffled), opened(tmp_path, columns()), [package])
    assert found is not None
    assert "3 of 3 columns have another order than what is served: a, …" in found


def test_a_column_that_is_frozen_or_emptied_is_named(tmp_path: Path, package: Path) -> None:
    """A constant, or nothing at all."""
    served = opened(tmp_path, columns())
    for value in (1.0, np.nan):
        changed = columns() | {"c": np.full(ITEMS, value, np.float32)}
        found = why_not(opened(tmp_path, changed), served, [package])
        assert found is not None
        assert found.startswith("c: ")


def test_words_count_too(tmp_path: Path, package: Path) -> None:
    """A vocabulary that the served one does not know."""
    found = why_not(opened(tmp_path, columns(), ["none"] * ITEMS), opened(tmp_path, columns()), [package])
    assert found is not None
    assert "kind: " in found


def test_only_what_served_versions_read_counts(tmp_path: Path, package: Path) -> None:
    """A column that no package reads may be anything; without packages nothing is read."""
    served = opened(tmp_path, columns() | {"unread": np.arange(ITEMS, dtype=np.float32)})
    other = opened(tmp_path, columns() | {"unread": np.zeros(ITEMS, np.float32)})
    assert why_not(other, served, [package]) is None
    frozen = {name: np.ones(ITEMS, np.float32) for name in NAMES}
    assert why_not(opened(tmp_path, frozen), served, []) is None


def test_three_reasons_are_named_and_the_rest_counted(tmp_path: Path, package: Path) -> None:
    """A broken feed has one for every column, or two."""
    frozen = {name: np.ones(ITEMS, np.float32) for name in NAMES}
    found = why_not(opened(tmp_path, frozen, ["none"] * ITEMS), opened(tmp_path, columns()), [package])
    assert found is not None
    assert found.endswith("; and 2 more")


def test_other_items_are_compared_as_a_whole(tmp_path: Path, package: Path) -> None:
    """With fewer than 200 items in common there is no order to compare, but values still are."""
    served = opened(tmp_path, columns())
    apart = ITEMS - LEAST + 1
    assert why_not(opened(tmp_path, columns(9), first=apart), served, [package]) is None
    strange = {name: values * np.float32(1e4) for name, values in columns(9).items()}
    found = why_not(opened(tmp_path, strange, first=apart), served, [package])
    assert found is not None
    assert found.startswith("a: ")
