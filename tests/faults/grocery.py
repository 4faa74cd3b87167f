"""A grocery unlike the flights: people come when they like, contexts are their baskets, categories, gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

REQUESTS, CANDIDATES, ITEMS = 7000, 10, 600
START, EVERY = pd.Timestamp("2026-01-01").timestamp(), 1500.0  # unix s; seconds between two, on average
COUNTRIES, DEVICES = ["at", "de", "fr"], ["phone", "web", "till"]
WARM = np.array([2.0, 5.0, 10.0])  # degrees a country goes back to

DECLARATION = """
[ranker]
name = "grocery"
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
until = 2026-03-15
test_share = 0.25

[features]
numeric = [
  "price", "rating", "grams",
  "basket_value", "basket_items", "mean_price", "minutes", "hour", "temperature", "loyalty",
]
categorical = ["aisle", "country", "device"]
context = [
  "basket_value", "basket_items", "mean_price", "minutes", "hour", "temperature", "loyalty",
  "country", "device",
]
available_at = { "*" = "0h" }
"""


def items(draw: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": [f"g{place}" for place in range(ITEMS)],
            "aisle": draw.choice(list("abcdefgh"), ITEMS),
            "price": draw.lognormal(1.2, 0.7, ITEMS).round(2),
            "rating": draw.uniform(1, 5, ITEMS).round(1),
            "grams": draw.exponential(400, ITEMS).round(),
        }
    )


def contexts(draw: np.random.Generator) -> pd.DataFrame:
    """A row per request: the basket goes with its mean price, the weather with country and hour."""
    time = START + np.cumsum(draw.exponential(EVERY, REQUESTS))
    hour, country = (time // 3600 % 24).astype(int), draw.choice(3, REQUESTS, p=[0.2, 0.5, 0.3])
    taste, count = draw.lognormal(1.2, 0.5, REQUESTS), draw.poisson(6, REQUESTS)
    value = count * taste * draw.lognormal(0, 0.1, REQUESTS)
    weather = np.empty((REQUESTS, 3))
    warm = WARM.copy()
    for place in range(REQUESTS):
        warm = 0.98 * warm + 0.02 * WARM + draw.normal(0, 0.25, 3)
        weather[place] = warm
    degrees = weather[np.arange(REQUESTS), country] + 4 * np.sin((hour - 9) / 24 * 2 * np.pi)
    return pd.DataFrame(
        {
            "request": [f"r{place}" for place in range(REQUESTS)],
            "time": pd.to_datetime(time, unit="s").round("s"),
            "taste": taste,
            "basket_value": value.round(2),
            "basket_items": count,
            "mean_price": np.where(count > 0, (value / np.maximum(count, 1)).round(2), np.nan),
            "minutes": (count * draw.lognormal(0.3, 0.3, REQUESTS)).round(1),
            "hour": hour,
            "temperature": degrees.round(1),
            "loyalty": np.where(draw.random(REQUESTS) < 0.15, np.nan, draw.exponential(3, REQUESTS).round(1)),
            "country": np.array(COUNTRIES)[country],
            "device": draw.choice(DEVICES, REQUESTS, p=[0.6, 0.3, 0.1]),
        }
    )


def table(seed: int = 3) -> pd.DataFrame:
    """Ten things of one aisle a request, near what its basket costs; grades 0 to 2."""
    draw = np.random.default_rng(seed)
    shop, asked = items(draw), contexts(draw)
    aisles = [np.flatnonzero(shop["aisle"] == name) for name in "abcdefgh"]
    price = np.log(shop["price"].to_numpy())
    shown = []
    for taste, aisle in zip(np.log(asked["taste"]), draw.integers(0, 8, REQUESTS), strict=True):
        near = np.exp(-((price[aisles[aisle]] - taste) ** 2) / 0.3)
        shown.append(draw.choice(aisles[aisle], CANDIDATES, replace=False, p=near / near.sum()))
    rows = np.repeat(np.arange(REQUESTS), CANDIDATES)
    things = shop.iloc[np.concatenate(shown)].reset_index(drop=True)
    frame = things.join(asked.iloc[rows].reset_index(drop=True))
    far = np.abs(np.log(frame["price"] / frame["taste"]))
    worth = 0.8 * frame["rating"] - 2 * far + draw.normal(0, 1, len(frame))
    place = worth.groupby(rows).rank(ascending=False)
    return frame.drop(columns="taste").assign(label=np.select([place <= 1, place <= 3], [2, 1], 0))


def declared(folder: Path) -> Path:
    """Write table and declaration; the path of ranker.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    table().to_csv(folder / "table.csv", index=False)
    path = folder / "ranker.toml"
    path.write_text(DECLARATION)
    return path
