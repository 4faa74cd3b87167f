"""Trained once for all tests of the gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.faults.shop import Recipe, Shop
from tests.models.small import declare

TWO_CLASSES = """
[ranker]
name = "lending"
objective = "Logloss"
trees = 40
depth = 3
learning_rate = 0.1
[data]
source = "table.csv"
time = "time"
label = "good"
test_share = 0.4
slices = ["region"]
[features]
numeric = ["income", "debt"]
categorical = ["region"]
available_at = { "*" = "0h" }
[expect]
sign = { income = "+", debt = "-" }
calibration = { max_ece = 0.05 }
"""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("gate")
    declare(folder / "declared")
    return Shop(folder / "declared" / "ranker.toml", folder / "home")


@pytest.fixture(scope="session")
def version(shop: Shop) -> Path:
    return shop.version(Recipe(declared=lambda declared: declared.with_ranker(seed=4)))


@pytest.fixture(scope="session")
def lending(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A two-class ranker without groups: probabilities are served, one row a request."""
    folder = tmp_path_factory.mktemp("lending")
    draw = np.random.default_rng(8)
    count = 4000
    income, debt = draw.normal(size=(2, count))
    region = draw.choice(["east", "west"], count)
    chance = 1 / (1 + np.exp(-(1.2 * income - debt + 0.5 * (region == "east"))))
    frame = pd.DataFrame({"income": income, "debt": debt, "region": region})
    frame["good"] = (draw.random(count) < chance).astype(int)
    frame["time"] = pd.date_range("2026-01-01", periods=count, freq="h")
    frame.to_csv(folder / "table.csv", index=False)
    (folder / "ranker.toml").write_text(TWO_CLASSES)
    return Shop(folder / "ranker.toml", folder / "home")
