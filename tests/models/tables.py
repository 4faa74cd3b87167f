"""Small declared tables, written to a test's own folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.declaration.declaration import Declaration, DeclarationError, read
from models.table import dataset

Change = Callable[[pd.DataFrame], pd.DataFrame]

DECLARED = """
[ranker]
name = "shop"
trees = 20
depth = 3
[data]
source = "shop.csv"
item = "product"
group = "query"
time = "at"
label = "stars"
slices = ["country"]
[features]
numeric = ["price", "age", "load"]
categorical = ["country"]
context = ["load"]
available_at = { "*" = "0h" }
"""

NOT_TIMED = DECLARED.replace('time = "at"\n', "")
TWO_CLASSES = NOT_TIMED.replace("trees = 20", 'trees = 20\nobjective = "Logloss"')


def shop(queries: int = 60, each: int = 6) -> pd.DataFrame:
    """A table with something to learn: cheap products get more stars where the load is high."""
    draw = np.random.default_rng(7)
    count = queries * each
    load = np.repeat(draw.random(queries), each)
    price = draw.random(count)
    return pd.DataFrame({
        "product": draw.permuted(np.tile(np.arange(40), (queries, 1)), axis=1)[:, :each].ravel(),
        "query": np.repeat([f"2024-{query:03d}" for query in range(queries)], each),
        "at": np.repeat(pd.date_range("2024-01-01", periods=queries, freq="h").astype(str), each),
        "stars": np.digitize(load - price + 0.1 * draw.standard_normal(count), [-0.3, 0.2, 0.5]),
        "price": price,
        "age": draw.integers(0, 9, count),
        "load": load,
        "country": draw.choice(["at", "ch", "de"], count),
    })  # fmt: skip


def declared(folder: Path, frame: pd.DataFrame | None = None, text: str = DECLARED) -> Declaration:
    """shop.toml beside shop.csv in the folder, read."""
    (shop() if frame is None else frame).to_csv(folder / "shop.csv", index=False)
    (folder / "shop.toml").write_text(text)
    return read(folder / "shop.toml")


def refused(folder: Path, text: str, change: Change) -> str:
    """What reading the changed shop's table is refused with."""
    declaration = declared(folder, change(shop()), text)
    with pytest.raises(DeclarationError) as said:
        dataset.read(declaration)
    return str(said.value)


def cell(row: int, name: str, value: object) -> Change:
    """The table with one cell replaced."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.astype({name: object}).assign(
            **{name: [value if at == row else old for at, old in enumerate(frame[name])]}
        )

    return change


def without(name: str) -> Change:
    """The table without a column."""
    return lambda frame: frame.drop(columns=name)
