"""Small healthy tables of many kinds, as somebody would bring them: a frame and a declaration.

Every kind is drawn anew from a seed. Columns that every frame has: item, time, label; request where there are
groups. What a kind's features are, its `SmallTable` says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from models.table.letor import read_letor

DATA = Path(__file__).parents[3] / "shared" / "data"
Draw = Callable[[int], pd.DataFrame]
HOURS = 6  # between two requests


@dataclass(frozen=True)
class SmallTable:
    """A frame with what its declaration says of it; `draw` makes the frame."""

    name: str
    draw: Callable[[int], pd.DataFrame]
    numeric: tuple[str, ...]
    categorical: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    objective: str = "Logloss"
    real: bool = False  # reads the shared data

    @property
    def grouped(self) -> bool:
        """Whether a request has several rows."""
        return self.objective != "Logloss"

    def declaration(self, numeric: tuple[str, ...], extra: str = "") -> str:
        """The text of ranker.toml, with these numbers as features."""
        group = 'group = "request"\n' if self.grouped else ""
        return (
            f'[ranker]\nname = "small"\nobjective = "{self.objective}"\ntrees = 100\ndepth = 4\n'
            f"learning_rate = {0.08 if self.grouped else 0.03}\n"
            f'[data]\nsource = "table.csv"\nitem = "item"\ntime = "time"\nlabel = "label"\n{group}'
            f"test_share = 0.3\n[features]\nnumeric = {list(numeric)}\n"
            f"categorical = {list(self.categorical)}\n"
            f'context = {list(self.context)}\navailable_at = {{ "*" = "0h" }}\n{extra}'
        )

    def write(self, frame: pd.DataFrame, folder: Path, added: tuple[str, ...] = (), extra: str = "") -> Path:
        """table.csv and ranker.toml in a folder; the path of ranker.toml."""
        folder.mkdir(parents=True, exist_ok=True)
        frame.to_csv(folder / "table.csv", index=False)
        (folder / "ranker.toml").write_text(self.declaration((*self.numeric, *added), extra))
        return folder / "ranker.toml"


def timed(frame: pd.DataFrame, request: np.ndarray) -> pd.DataFrame:
    """With items, requests and the moment of each request."""
    start = np.datetime64("2026-01-01", "s") + request * HOURS * 3600
    items = [f"i{place}" for place in range(len(frame))]
    names = [f"q{each}" for each in request]
    return frame.assign(item=items, request=names, time=pd.to_datetime(start))


def chance(logit: np.ndarray, share: float, draw: np.random.Generator) -> np.ndarray:
    """Outcomes 0 and 1 of a logistic model whose mean is about `share`."""
    bias = 0.0
    for _ in range(50):
        bias += 2 * (share - float((1 / (1 + np.exp(-(logit + bias)))).mean()))
    return (draw.random(len(logit)) < 1 / (1 + np.exp(-(logit + bias)))).astype(int)


def binary(share: float, weights: tuple[float, ...], count: int = 1000, shared: float = 0.0) -> Draw:
    """1,000 rows of independent numbers (`shared` is their common correlation) and one of three colours."""

    def made(seed: int) -> pd.DataFrame:
        draw = np.random.default_rng(seed)
        common = draw.normal(size=(count, 1))
        x = np.sqrt(1 - shared) * draw.normal(size=(count, len(weights))) + np.sqrt(shared) * common
        colour = draw.choice(["red", "green", "blue"], count)
        logit = x @ np.array(weights) + 0.4 * (colour == "red")
        frame = pd.DataFrame({f"x{place}": x[:, place].round(3) for place in range(len(weights))})
        return timed(frame.assign(colour=colour, label=chance(logit, share, draw)), np.arange(count))

    return made


def anyhow(seed: int) -> pd.DataFrame:
    """Another structure with every seed: how many columns matter, how they go together, the rate."""
    draw = np.random.default_rng(seed)
    count, wide = 1000, 6
    load = draw.normal(0, draw.choice([0.2, 0.5, 1.0]), (2, wide))
    x = draw.normal(size=(count, 2)) @ load + draw.normal(size=(count, wide))
    x /= x.std(axis=0)
    weights = draw.exponential(1, wide) * draw.choice([-1, 1], wide) * (draw.random(wide) < 0.7)
    signal = x @ weights
    logit = signal / (signal.std() or 1) * draw.uniform(0.9, 2)
    colour = draw.choice(["red", "green", "blue"], count)
    label = chance(logit + 0.3 * (colour == "red"), draw.uniform(0.15, 0.6), draw)
    frame = pd.DataFrame({f"x{place}": x[:, place].round(3) for place in range(wide)})
    return timed(frame.assign(colour=colour, label=label), np.arange(count))


def german(seed: int) -> pd.DataFrame:
    """German Credit in an order of its own; bad is 1."""
    frame = pd.read_csv(DATA / "credit" / "german.csv").sample(frac=1, random_state=seed)
    frame = frame.reset_index(drop=True)
    frame["label"] = (frame.pop("creditability") == "bad").astype(int)
    return timed(frame, np.arange(len(frame)))


def serial(seed: int) -> pd.DataFrame:
    """Rows that resemble those before them, a rate that wanders, and the last twenty's as a feature."""
    draw = np.random.default_rng(seed)
    count = 1000
    x = np.zeros((count, 4))
    for row in range(1, count):
        x[row] = 0.8 * x[row - 1] + 0.6 * draw.normal(size=4)
    season = 0.6 * np.sin(np.arange(count) / 90 + draw.uniform(0, 6))
    label = chance(x @ np.array([0.8, -0.6, 0.4, 0]) + season, 0.3, draw)
    before = pd.Series(label).shift(1).rolling(20, min_periods=1).mean().fillna(0.3)
    frame = pd.DataFrame({f"x{place}": x[:, place].round(3) for place in range(4)})
    return timed(frame.assign(lately=before.round(3), label=label), np.arange(count))


def coarse(seed: int) -> pd.DataFrame:
    """A few values of a few columns: many rows are alike, and their outcomes differ."""
    draw = np.random.default_rng(seed)
    count = 1000
    stars, size, region = draw.integers(1, 6, count), draw.integers(0, 4, count), draw.integers(0, 3, count)
    logit = 0.7 * (stars - 3) - 0.4 * size + 0.5 * (region == 1)
    names = np.array(["north", "south", "west"])[region]
    frame = pd.DataFrame({"stars": stars, "size": size, "region": names, "label": chance(logit, 0.3, draw)})
    return timed(frame, np.arange(count))


def queries(count: int = 300, size: int = 10, noise: float = 1.3, clicks: bool = False) -> Draw:
    """Queries of ten: grades 0 to 2 by place, or one click."""

    def made(seed: int) -> pd.DataFrame:
        draw = np.random.default_rng(seed)
        rows = count * size
        request = np.repeat(np.arange(count), size)
        x = draw.normal(size=(rows, 6))
        x[:, 1] = np.exp(x[:, 1])
        device = draw.choice(["phone", "desk"], count)[request]
        worth = x @ np.array([0.7, 0.4, -0.5, 0.3, 0, 0]) + 0.5 * x[:, 4] * (device == "phone")
        worth += draw.normal(0, noise, rows)
        place = pd.Series(worth).groupby(request).rank(ascending=False).to_numpy()
        label = (place <= 1).astype(int) if clicks else np.select([place <= 1, place <= 4], [2, 1], 0)
        frame = pd.DataFrame({f"x{each}": x[:, each].round(3) for each in range(6)})
        return timed(frame.assign(device=device, label=label), request)

    return made


def ltr(seed: int) -> pd.DataFrame:
    """The learning-to-rank set, its queries in an order of its own."""
    parts = [read_letor(DATA / "ltr" / f"{name}.svm.gz") for name in ("train", "test")]
    parts[1]["qid"] = "t" + parts[1]["qid"].astype(str)
    frame = pd.concat(parts, ignore_index=True)
    order = np.random.default_rng(seed).permutation(frame["qid"].astype(str).unique())
    place = pd.Series(np.arange(len(order)), index=order)[frame["qid"].astype(str)].to_numpy()
    frame = frame.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
    return timed(frame.drop(columns="qid"), np.sort(place))


X6 = tuple(f"x{place}" for place in range(6))
EVEN = (0.5, -0.45, 0.4, 0.3, 0.0, 0.0)
CREDIT = (
    "duration_in_month", "credit_amount", "installment_rate_in_percentage_of_disposable_income",
    "present_residence_since", "age_in_years", "number_of_existing_credits_at_this_bank",
    "number_of_people_being_liable_to_provide_maintenance_for",
)  # fmt: skip
CREDIT_WORDS = (
    "status_of_existing_checking_account", "credit_history", "purpose", "savings_account_and_bonds",
    "present_employment_since", "personal_status_and_sex", "other_debtors_or_guarantors", "property",
    "other_installment_plans", "housing", "job", "telephone", "foreign_worker",
)  # fmt: skip
HEALTHY: tuple[SmallTable, ...] = (
    SmallTable("german", german, CREDIT, CREDIT_WORDS, real=True),
    SmallTable("binary, 30%", binary(0.3, EVEN), X6, ("colour",)),
    SmallTable("binary, 50%", binary(0.5, EVEN), X6, ("colour",)),
    SmallTable("binary, 10%", binary(0.1, tuple(1.5 * each for each in EVEN)), X6, ("colour",)),
    SmallTable(
        "binary, correlated", binary(0.3, (*EVEN[:2], 0.4, 0.4, 0.2, 0.0), shared=0.4), X6, ("colour",)
    ),
    SmallTable("binary, one strong", binary(0.3, (1.3, 0.3, -0.3, 0.2, 0.0, 0.0)), X6, ("colour",)),
    SmallTable("anyhow", anyhow, X6, ("colour",)),
    SmallTable("serial", serial, ("x0", "x1", "x2", "x3", "lately")),
    SmallTable("coarse", coarse, ("stars", "size"), ("region",)),
    SmallTable("queries", queries(), X6, ("device",), ("device",), "QueryRMSE"),
    SmallTable("clicks", queries(clicks=True, noise=0.9), X6, ("device",), ("device",), "YetiRank"),
    SmallTable("grades by row", queries(200, 8), X6, ("device",), ("device",), "RMSE"),
    SmallTable("ltr", ltr, tuple(f"f{each}" for each in range(1, 301)), (), (), "QueryRMSE", real=True),
)
