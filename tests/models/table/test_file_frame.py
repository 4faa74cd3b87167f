"""A table whose columns are read one by one is the same table, and trains the same model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration, DeclarationError, read
from models.package import read_certificate, read_manifest
from models.table import dataset, file_frame, rows
from models.table.file_frame import FileFrame
from models.table.rows import Table
from models.training import fitting
from models.training.train import train
from tests.models.tables import DECLARED, NOT_TIMED, TWO_CLASSES, shop

CROSS = 'cross = "tests.models.crosses:cheap"\ncross_names = ["cheap"]'
OWN = {
    "timed": DECLARED,
    "hashed": NOT_TIMED,
    "slices of numbers": DECLARED.replace('slices = ["country"]', 'slices = ["country", "age"]'),
    "two classes": TWO_CLASSES.replace('label = "stars"', 'label = "best"'),
    "a test file": NOT_TIMED.replace(
        'source = "shop.parquet"', 'source = "shop.parquet"\ntest = "t.parquet"'
    ),
    "weighted": DECLARED.replace('label = "stars"', 'label = "stars"\nweight = "weight"'),
    "no items": DECLARED.replace('item = "product"\n', ""),
    "numbers only": DECLARED.replace('categorical = ["country"]', "").replace('slices = ["country"]', ""),
    "crossed": DECLARED.replace("[features]", f"[features]\n{CROSS}"),
}


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Parquet file is one that outgrows memory, and its rows are made features in small blocks."""
    monkeypatch.setattr(file_frame, "LARGE", 0)
    monkeypatch.setattr(rows, "BLOCK", 50)


def _table(folder: Path, text: str) -> Declaration:
    folder.mkdir()
    frame = shop(queries=120).sample(frac=1, random_state=1)
    frame = frame.assign(
        product=frame["product"].map("p{:03}".format),
        best=(frame["stars"] == 3).astype(int),
        weight=frame["price"] + 1,
        country=frame["country"].where(frame["price"] < 0.8),
        age=frame["age"].where(frame["age"] > 0),
    )
    part = frame["query"] < "2024-090"
    later = "test = " in text
    frame[part if later else part | True].to_parquet(folder / "shop.parquet", row_group_size=100)
    frame[~part].to_parquet(folder / "t.parquet")
    (folder / "shop.toml").write_text(text)
    return read(folder / "shop.toml")


def _equal(one: Table, other: Table) -> None:
    for name in ("items", "request", "keys", "time", "label", "train", "test", "latest", "latest_of"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.digest == other.digest
    for name in one.values:
        np.testing.assert_array_equal(one.values[name], other.values[name], err_msg=name)
    for name in ("age", "country"):
        np.testing.assert_array_equal(one.slice_of(name), other.slice_of(name))


@pytest.mark.parametrize("kind", OWN)
def test_it_is_the_same_table_and_model(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    declaration = _table(tmp_path / "own", OWN[kind].replace("shop.csv", "shop.parquet"))
    table = dataset.read(declaration)
    assert table.spool is None
    made, model = train(declaration, tmp_path / "small"), fitting.fit(table).model
    request.getfixturevalue("large")
    other = dataset.read(declaration, tmp_path / "large")
    assert isinstance(other.frame, FileFrame)
    _equal(table, other)
    spooled = fitting.fit(other).model
    assert model.get_borders() == spooled.get_borders()
    np.testing.assert_array_equal(model.get_leaf_values(), spooled.get_leaf_values())
    again = train(declaration, tmp_path / "large")
    kept, found = (read_manifest(each.package) for each in (made, again))
    assert kept.snapshot == found.snapshot
    same = {name for name in kept.files if name not in {"model.cb", "plots/importance.png"}}
    assert {name: kept.files[name] for name in same} == {name: found.files[name] for name in same}
    assert len(read_certificate(again.package).scores)


def test_nothing_is_left_on_disk(tmp_path: Path, large: None) -> None:
    declaration = _table(tmp_path / "own", DECLARED.replace("shop.csv", "shop.parquet"))
    assert dataset.read(declaration, tmp_path / "home").values["price"].dtype == np.float32
    assert not list((tmp_path / "home" / "data").iterdir())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda frame: frame.drop(columns="price"), r"'price' matches no column"),
        (lambda frame: frame.assign(price=[np.inf, *frame["price"][1:]]), r"'price', row \d+, is not f"),
        (lambda frame: frame.assign(country=["a\0b", *frame["country"][1:]]), r"row \d+, holds a NUL"),
        (lambda frame: frame.assign(product=[None, *frame["product"][1:]]), r"row 1, is missing"),
    ],
)
def test_what_is_wrong_with_a_column_is_said_alike(
    tmp_path: Path, large: None, change: Callable[[pd.DataFrame], pd.DataFrame], said: str
) -> None:
    declaration = _table(tmp_path / "own", DECLARED.replace("shop.csv", "shop.parquet"))
    path = tmp_path / "own" / "shop.parquet"
    change(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(DeclarationError, match=said):
        _ = dataset.read(declaration, tmp_path / "home").values
