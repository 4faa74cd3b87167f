"""Small models, their packages and catalogues, for tests of engines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue, write_catalogue
from models.catalogue.redis_catalogue import FetchedItems
from models.engine import load_engine
from models.engine.catboost_engine import open_model, predict
from models.engine.load import _Loading
from models.engine.trees import Forest, read_forest
from models.features import Context, FeatureSpec

RANKS = ("QueryRMSE", "YetiRank")
WORDS = ("", "red", "green", "blue", "very long words that fill more than sixteen bytes", "grün", "0", "nan")


@dataclass
class Table:
    """Random features and a target that depends on them: what a small model is trained on."""

    numeric: dict[str, NDArray[np.float32]]
    categorical: dict[str, list[str]] = field(default_factory=dict)
    target: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def count(self) -> int:
        return len(self.target)

    def frame(self) -> pd.DataFrame:
        return pd.DataFrame({**self.numeric, **self.categorical})


def random_table(
    seed: int,
    count: int,
    numeric: int,
    categorical: int = 0,
    *,
    missing: float = 0.0,
    distinct: int | None = None,
) -> Table:
    """`distinct`: how many values a number takes at most; `missing`: the share of NaN."""
    draw = np.random.default_rng(seed)
    numbers = {}
    target = draw.normal(size=count) * 0.1
    for place in range(numeric):
        values = draw.normal(size=count).astype(np.float32)
        if distinct is not None:
            values = np.round(values * distinct / 6).astype(np.float32)
        target += np.sin(values * (place + 1))
        values[draw.random(count) < missing] = np.nan
        numbers[f"n{place}"] = values
    words = {}
    for place in range(categorical):
        chosen = draw.integers(0, len(WORDS), count)
        target += (chosen == place) * 1.5
        words[f"c{place}"] = [WORDS[at] for at in chosen]
    return Table(numbers, words, target)


def train(table: Table, **params: Any) -> catboost.CatBoost:
    """A model of `table`; ranking losses get groups of ten rows, classification a target of two values."""
    loss = params.get("loss_function", "RMSE")
    target = table.target > np.median(table.target) if loss in ("Logloss", "CrossEntropy") else table.target
    if loss in RANKS:
        target = np.clip(np.round(target + 2), 0, 4)
    pool = catboost.Pool(
        table.frame(),
        target.astype(float),
        cat_features=list(table.categorical),
        group_id=np.arange(table.count) // 10 if loss in RANKS else None,
    )
    fixed = {"verbose": 0, "allow_writing_files": False, "thread_count": 1, "random_seed": 0}
    model = catboost.CatBoost({**fixed, **params})
    model.fit(pool)
    return model


def write_package(
    folder: Path,
    model: catboost.CatBoost,
    table: Table,
    context: Sequence[str] = (),
    cross: tuple[str, Sequence[str]] | None = None,
) -> Path:
    """model.cb and declaration.json, as training leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_model(str(folder / "model.cb"))
    names = cross[1] if cross else ()
    features: dict[str, Any] = {
        "numeric": [name for name in table.numeric if name not in names],
        "categorical": list(table.categorical),
        "context": list(context),
        "available_at": {"*": "-1d"},
    }
    if cross:
        features |= {"cross": cross[0], "cross_names": list(names)}
    declaration = {
        "ranker": {"name": "small"},
        "data": {"source": "small.csv", "label": "y", "time": "t", "group": "g", "item": "i"},
        "features": features,
    }
    (folder / "declaration.json").write_text(json.dumps(declaration))
    return folder


def open_catalogue(
    root: Path, table: Table, context: Sequence[str] = (), ids: Any = None, created: float = 1.0
) -> Catalogue:
    """A snapshot of the table's rows, without the context features, made at `created` (unix s)."""
    numeric = {name: values for name, values in table.numeric.items() if name not in context}
    categorical = {name: words for name, words in table.categorical.items() if name not in context}
    ids = [f"item-{row}" for row in range(table.count)] if ids is None else ids
    return Catalogue.open(root / write_catalogue(root, ids, numeric, categorical, created))


def context_of(spec: FeatureSpec, values: Mapping[str, Any]) -> Context:
    """The context that has these values, which `parse_context` may refuse (infinities)."""
    numbers = np.array([values[name] for name in spec.context_numeric], np.float32)
    return Context(numbers, tuple(values[name] for name in spec.context_categorical))


def forest_of(model: catboost.CatBoost, folder: Path) -> Forest:
    """The model's trees as the kernel reads them."""
    model.save_model(str(folder / "model.json"), format="json")
    return read_forest((folder / "model.json").read_bytes())


def some_items(catalogue: Catalogue, rows: NDArray[np.int64]) -> FetchedItems:
    """A few of a snapshot's items, as a store that fetches them for one request gives them."""
    return FetchedItems(
        snapshot=catalogue.snapshot,
        numeric_names=catalogue.numeric_names,
        categorical_names=catalogue.categorical_names,
        vocabularies=catalogue.vocabularies,
        numeric=np.ascontiguousarray(catalogue.numeric[:, rows]),
        codes=np.ascontiguousarray(catalogue.codes[:, rows]),
    )


def stock_scores(
    package: Path, columns: Mapping[str, NDArray[Any]], table: Table, probability: bool
) -> NDArray[Any]:
    """What CatBoost alone gives for these columns."""
    return predict(open_model(package / "model.cb"), columns, list(table.categorical), probability)


EDGES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1e-40, 3.4028235e38, -3.4028235e38]


def edgy(table: Table, seed: int) -> Table:
    """Rows to score: the table's own values mixed with whatever is hardest."""
    draw = np.random.default_rng(seed)
    numeric = {}
    for name, values in table.numeric.items():
        pool = np.concatenate([values, np.nextafter(values, np.float32(9)), np.array(EDGES * 8, np.float32)])
        numeric[name] = draw.choice(pool, 150)
    words = np.array([*WORDS, "never seen", "x" * 70], object)
    categorical = {name: draw.choice(words, 150).tolist() for name in table.categorical}
    return Table(numeric, categorical, np.zeros(150))


def assert_same_columns(found: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]]) -> None:
    assert list(found) == list(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column)


def assert_same_bits(found: object, expected: NDArray[np.float64]) -> None:
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found.view(np.int64), expected.view(np.int64))


def both(tmp_path: Path, package: Path, table: Table, context: Sequence[str] = ()) -> list[Any]:
    """The kernel and CatBoost as engines of the same package."""
    engine = load_engine(package, open_catalogue(tmp_path, table, context))
    assert engine.kind == "kernel"
    return [engine, _Loading(package, engine.inputs).fallback("asked for")]  # type: ignore[attr-defined]
