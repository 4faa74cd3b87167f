"""A small declared table of known structure, trained in a second, for tests of the gate and Steward."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from models.declaration.declaration import Declaration, read
from models.training.train import train

REQUESTS, CANDIDATES, DAYS = 400, 8, 40

DECLARATION = """
[ranker]
name = "{name}"
objective = "QueryRMSE"
trees = 40
depth = 4
learning_rate = 0.1

[data]
source = "table.csv"
item = "item"
group = "request"
time = "time"
label = "label"
slices = ["shop"]
test_share = 0.3

[features]
numeric = ["price", "rating", "age", "hour"]
categorical = ["shop", "colour"]
context = ["hour"]
available_at = {{ "*" = "0h" }}

[expect]
sign = {{ rating = "+" }}
"""


def table(seed: int = 0) -> pd.DataFrame:
    """400 requests of 8 candidates over 40 days: ratings help, prices hurt, red sells in the evening."""
    draw = np.random.default_rng(seed)
    count = REQUESTS * CANDIDATES
    request = np.repeat(np.arange(REQUESTS), CANDIDATES)
    start = np.datetime64("2026-01-01", "s") + (np.arange(REQUESTS) * DAYS * 86400 // REQUESTS)
    frame = pd.DataFrame(
        {
            "request": [f"r{each}" for each in request],
            "item": [f"item-{row}" for row in range(count)],
            "time": pd.to_datetime(start[request]),
            "price": draw.lognormal(3, 0.5, count).round(2),
            "rating": draw.uniform(1, 5, count).round(1),
            "age": np.where(draw.random(count) < 0.1, np.nan, draw.exponential(30, count).round(1)),
            "hour": draw.integers(0, 24, REQUESTS)[request],
            "shop": draw.choice(["north", "south", "west"], REQUESTS)[request],
            "colour": draw.choice(["red", "green", "blue", ""], count, p=[0.3, 0.3, 0.3, 0.1]),
        }
    )
    evening = (frame["hour"] >= 18) & (frame["colour"] == "red")
    worth = 0.8 * frame["rating"] - 0.03 * frame["price"] + 1.2 * evening + draw.normal(0, 0.7, count)
    rank = worth.groupby(request).rank(ascending=False)
    return frame.assign(label=np.select([rank <= 1, rank <= 2, rank <= 4], [3, 2, 1], 0))


def declare(folder: Path, name: str = "small", frame: pd.DataFrame | None = None) -> Declaration:
    """Write the table and its declaration into a folder, and read it back."""
    folder.mkdir(parents=True, exist_ok=True)
    (table() if frame is None else frame).to_csv(folder / "table.csv", index=False)
    (folder / "ranker.toml").write_text(DECLARATION.format(name=name))
    return read(folder / "ranker.toml")


def trained(home: Path, declared: Declaration, **changes: object) -> Path:
    """Train with some [ranker] keys changed; the package is moved out of the way of the next training."""
    package = train(declared.with_ranker(**changes), home).package
    kept = home / "kept" / f"{len(list((home / 'kept').glob('*'))) + 1}"
    kept.parent.mkdir(exist_ok=True)
    shutil.copytree(package, kept)
    return kept
