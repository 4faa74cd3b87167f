"""Models trained elsewhere, by plain CatBoost on other data: over HTTP, CatBoost's own scores to the bit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import catboost
import httpx
import numpy as np
import pandas as pd
import pytest

from bentos.home.state import CHAMPION, Home, State, write_atomically, write_state
from experiments.config.check import load
from models.declaration.declaration import read
from models.training.train import train
from tests.serve.second import served
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("own")

ROWS, GROUP, ITEMS = 1600, 8, 300
BIG = [f"town-{number}" for number in range(60)]
SMALL = ["red", "green", "blue", ""]

DECLARED = """
[ranker]
name = "foreign"
[data]
source = "table.csv"
item = "item"
group = "query"
label = "clicked"
[features]
numeric = ["price", "age", "size", "hour"]
categorical = ["colour", "town", "device"]
context = ["hour", "device"]
available_at = { "*" = "0h" }
"""


@dataclass(frozen=True)
class Case:
    """A model as somebody else might have trained it. `columns` is the order of their table."""

    loss: str
    engine: str
    columns: tuple[str, ...] = ("town", "price", "colour", "hour", "age", "device", "size")
    params: Mapping[str, Any] | None = None
    missing: float = 0.15  # share of NaN in what it was trained on

    @property
    def categorical(self) -> list[str]:
        return [name for name in self.columns if name in {"town", "colour", "device"}]


WHOLE = ("price", "age", "size", "hour", "colour", "town", "device")
CASES = {
    "nan as false": Case(
        "QueryRMSE", "kernel", WHOLE, {"depth": 4, "nan_mode": "Min", "one_hot_max_size": 255}
    ),
    "nan as true": Case(
        "QueryRMSE", "kernel", params={"depth": 7, "nan_mode": "Max", "one_hot_max_size": 255}
    ),
    "nan as is": Case("PairLogit", "kernel", params={"depth": 5, "one_hot_max_size": 255}, missing=0.0),
    "254 borders": Case("Logloss", "kernel", params={"border_count": 254, "one_hot_max_size": 100}),
    "1000 borders": Case("YetiRank", "kernel", params={"border_count": 1000, "one_hot_max_size": 100}),
    "depth 10": Case("Logloss", "kernel", params={"depth": 10, "iterations": 12, "one_hot_max_size": 100}),
    "ctr of the item": Case("Logloss", "kernel", params={"one_hot_max_size": 4, "max_ctr_complexity": 1}),
    "ctr of the context": Case("Logloss", "kernel", params={"one_hot_max_size": 2}),
}


def table(seed: int, missing: float) -> pd.DataFrame:
    """Clicks; every seed has data of its own over the same columns."""
    draw = np.random.default_rng(seed)
    query = np.repeat(np.arange(ROWS // GROUP), GROUP)
    frame = pd.DataFrame(
        {
            "price": draw.lognormal(3, 1, ROWS).astype(np.float32),
            "age": draw.exponential(30, ROWS).astype(np.float32),
            "size": draw.normal(size=ROWS).astype(np.float32),
            "hour": draw.integers(0, 24, ROWS // GROUP)[query].astype(np.float32),
            "colour": draw.choice(SMALL, ROWS),
            "town": draw.choice(BIG, ROWS),
            "device": draw.choice(["phone", "web", "tv"], ROWS // GROUP)[query],
        }
    )
    worth = np.sin(frame["age"]) + (frame["colour"] == "red") * frame["size"] - np.log(frame["price"]) / 3
    worth += frame["town"].map({town: draw.normal() for town in BIG}) + (frame["device"] == "tv")
    worth += np.cos(frame["hour"]) * frame["size"] + draw.normal(0, 0.3, ROWS)
    for name in ("price", "age", "size"):
        frame.loc[draw.random(ROWS) < missing, name] = np.nan
    return frame.assign(query=query, clicked=(worth > worth.median()).astype(int))


@cache
def foreign(name: str) -> catboost.CatBoost:
    """Trained as they would: their columns in their order, CatBoost's defaults elsewhere."""
    case = CASES[name]
    data = table(sum(name.encode()), case.missing)
    pool = catboost.Pool(
        data[list(case.columns)], data["clicked"], cat_features=case.categorical, group_id=data["query"]
    )
    fixed = {"iterations": 60, "loss_function": case.loss, "random_seed": 1, "allow_writing_files": False}
    return catboost.CatBoost({**fixed, "thread_count": 2, "verbose": 0, **(case.params or {})}).fit(pool)


def items(integer: bool) -> pd.DataFrame:
    """What is served: other items again, over the same columns; every one asked about in some query."""
    data = table(99, 0.2).iloc[: ITEMS // GROUP * GROUP]
    names = np.arange(len(data)) * 7 if integer else [f"ad {place}/ß" for place in range(len(data))]
    return data.assign(item=names)


@dataclass(frozen=True)
class Shop:
    """A home that serves some of the foreign models, each to the unit of its name."""

    home: Path
    folder: Path
    offered: pd.DataFrame
    names: tuple[str, ...]

    def stack(self) -> Stack:
        return Stack(
            self.home, self.folder / "ranker.toml", self.folder / "live.yaml", {"BALLAST_WORKERS": "1"}
        )


def shop(folder: Path, names: tuple[str, ...], integer: bool) -> Shop:
    """Package each model with `ballast train --model`'s function, and let the state serve them all."""
    offered = items(integer)
    offered.to_csv(folder / "table.csv", index=False)
    (folder / "ranker.toml").write_text(DECLARED)
    home = Home(folder / "home" / "foreign")
    versions, snapshot = {}, ""
    for number, name in enumerate(names, 1):
        path = folder / f"{number}.cbm"
        foreign(name).save_model(str(path))
        result = train(read(folder / "ranker.toml"), folder / "home", model=path)
        shutil.move(result.package, home.version(str(number)))
        versions[str(number)], snapshot = str(number), result.snapshot
    live = folder / "live.yaml"
    live.write_text(_live(names))
    found = load(live)
    write_atomically(home.compiled(found.digest), found.to_json().encode())
    state = State(1, "foreign", snapshot, {CHAMPION: "1", **versions}, found.digest, since=1.0)
    write_state(home.state, state)
    return Shop(folder / "home", folder, offered, names)


def _live(names: tuple[str, ...]) -> str:
    variants = [
        {"name": f"v{place}", "model": str(place), "weight": 1 / len(names)}
        for place in range(1, len(names) + 1)
    ]
    overrides = {name: f"v{place}" for place, name in enumerate(names, 1)}
    experiment = {"name": "whose", "unit": "who", "hash": "growthbook-v2", "salt": "whose-1"}
    experiment |= {"variants": variants, "overrides": overrides}  # type: ignore[dict-item]
    layer = {"name": "ranking", "salt": "ranking", "experiments": [experiment]}
    return json.dumps({"version": 1, "unit": "who", "default": "@champion", "layers": [layer]})


def asked(shop: Shop, name: str) -> Iterator[dict[str, Any]]:
    """Bodies of 1, 7 and all items, with whole, partly missing, missing and unheard-of contexts."""
    draw = np.random.default_rng(len(name))
    contexts = [{"hour": 7, "device": "tv"}, {"hour": 23.5}, {"device": "fridge", "hour": None}, {}]
    for count in (1, 7, len(shop.offered)):
        for context in contexts:
            chosen = shop.offered["item"].iloc[draw.permutation(len(shop.offered))[:count]].tolist()
            yield {"unit": name, "candidates": chosen, "context": context}


def expected(shop: Shop, name: str, body: dict[str, Any]) -> list[float]:
    """CatBoost's own predictions of the same rows, in its own order of columns."""
    rows = shop.offered.set_index("item").loc[body["candidates"]].copy()
    rows["hour"] = np.float32(body["context"].get("hour", np.nan) or np.nan)
    rows["device"] = body["context"].get("device", "")
    kind = "Probability" if CASES[name].loss == "Logloss" else "RawFormulaVal"
    scores = foreign(name).predict(rows[list(CASES[name].columns)], prediction_type=kind)
    return (scores[:, 1] if scores.ndim == 2 else scores).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("ids", "names"), [("text", tuple(CASES)), ("integer", ("1000 borders", "ctr of the item"))]
)
def test_over_http_to_the_bit(tmp_path: Path, ids: str, names: tuple[str, ...]) -> None:
    """Every score of `bentoml serve` is CatBoost's; /status says which engine serves each, and why."""
    where = shop(tmp_path, names, ids == "integer")
    with served(where.stack(), tmp_path) as url, httpx.Client(base_url=url, timeout=20) as http:
        compared = 0
        for name in names:
            for body in asked(where, name):
                answer = http.post("/rank", json=body).json()
                assert answer["model"] == f"foreign/{names.index(name) + 1}", answer
                found = dict(zip(answer["items"], answer["scores"], strict=True))
                assert [found[one] for one in body["candidates"]] == expected(where, name, body), name
                compared += len(found)
        serving = http.get("/status").json()["serving"]
    print(f"{compared} scores equal")
    for place, name in enumerate(names, 1):
        assert serving[str(place)]["engine"] == CASES[name].engine, serving[str(place)]
