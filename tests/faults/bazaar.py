"""A shop unlike the flights: items that recur, weighted rows, brands of which some are rare."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

REQUESTS, CANDIDATES, ITEMS, DAYS = 900, 12, 300, 45
BRANDS = [f"brand-{letter}" for letter in "abcdefgh"]
RARE = "brand-h"  # 4% of the items

DECLARATION = """
[ranker]
name = "bazaar"
objective = "QueryRMSE"
trees = 60
depth = 4
learning_rate = 0.1

[data]
source = "table.csv"
item = "item"
group = "request"
time = "time"
label = "label"
weight = "weight"
slices = ["country"]
test_share = 0.3

[features]
numeric = ["price", "rating", "kilograms", "reviews", "days_listed", "hour"]
categorical = ["brand", "department", "country"]
context = ["hour", "country"]
available_at = { "*" = "0h" }
"""


def items(draw: np.random.Generator) -> pd.DataFrame:
    """Features of things on sale; every tenth has no reviews."""
    return pd.DataFrame(
        {
            "item": [f"thing-{place}" for place in range(ITEMS)],
            "price": draw.lognormal(3, 0.6, ITEMS).round(2),
            "rating": draw.uniform(1, 5, ITEMS).round(1),
            "kilograms": draw.exponential(2, ITEMS).round(2),
            "reviews": np.where(draw.random(ITEMS) < 0.1, np.nan, draw.poisson(40, ITEMS)),
            "days_listed": draw.integers(1, 400, ITEMS),
            "brand": draw.choice(BRANDS, ITEMS, p=[0.2, 0.2, 0.16, 0.12, 0.1, 0.1, 0.08, 0.04]),
            "department": draw.choice(["garden", "kitchen", "toys", "books"], ITEMS),
        }
    )


def table(seed: int = 0) -> pd.DataFrame:
    """900 requests of 12 things over 45 days; grades 0 to 2, with noise; clicks weigh 1, sales 3."""
    draw = np.random.default_rng(seed)
    shop = items(draw)
    request = np.repeat(np.arange(REQUESTS), CANDIDATES)
    shown = np.concatenate([draw.choice(ITEMS, CANDIDATES, replace=False) for _ in range(REQUESTS)])
    start = np.datetime64("2026-03-01", "s") + (np.arange(REQUESTS) * DAYS * 86400 // REQUESTS)
    frame = shop.iloc[shown].reset_index(drop=True)
    frame = frame.assign(
        request=[f"r{each}" for each in request],
        time=pd.to_datetime(start[request]),
        hour=draw.integers(0, 24, REQUESTS)[request],
        country=draw.choice(["at", "de", "fr"], REQUESTS, p=[0.2, 0.5, 0.3])[request],
    )
    worth = (
        0.9 * frame["rating"]
        - 0.8 * np.log(frame["price"])
        + 0.01 * frame["reviews"].fillna(20)
        - 0.15 * frame["kilograms"]
        + frame["brand"].map(dict(zip(BRANDS, (1.5, -1.2, 0.4, 0, 0.3, -0.4, 0, 0.2), strict=True)))
        + 0.6 * ((frame["country"] == "fr") & (frame["department"] == "books"))
        + draw.normal(0, 1.0, len(frame))
    )
    place = worth.groupby(request).rank(ascending=False)
    label = np.select([place <= 1, place <= 4], [2, 1], 0)
    return frame.assign(label=label, weight=np.where(label == 2, 3.0, 1.0))


def declare(folder: Path) -> Path:
    """Write the table and its declaration into a folder; the path of ranker.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    table().to_csv(folder / "table.csv", index=False)
    (folder / "ranker.toml").write_text(DECLARATION)
    return folder / "ranker.toml"
