"""What finding items and scoring them costs as the catalogue grows, and as a model has more columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from models.catalogue.catalogue import Catalogue, write_catalogue
from models.engine import load_engine
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure
from tests.models.engine.engines import context_of, open_catalogue, random_table, train, write_package

REQUESTS = 2_000
CANDIDATES = 10


@contextmanager
def _catalogues(folder: Path) -> Iterator[Measure]:
    def measure(items: int) -> Cost:
        ids = [f"product-{number:08d}" for number in range(items)]
        values = {"price": np.zeros(items, np.float32)}
        catalogue = Catalogue.open(folder / write_catalogue(folder, ids, values, {}, 1.0))
        draw = np.random.default_rng(0)
        asked = [
            [ids[at] for at in each] for each in draw.integers(0, items, (REQUESTS, CANDIDATES)).tolist()
        ]
        catalogue.rows(asked[0])
        with counted() as seconds:
            for each in asked:
                catalogue.rows(each)
        return Cost(REQUESTS, seconds())

    yield measure


@contextmanager
def _columns(folder: Path) -> Iterator[Measure]:
    def measure(columns: int) -> Cost:
        table = random_table(1, 2_000, columns)
        model = train(table, iterations=100, depth=6)
        root = folder / str(columns)
        package = write_package(root / "package", model, table, ["n0"])
        engine = load_engine(package, open_catalogue(root, table, ["n0"]))
        if engine.kind != "kernel":
            raise RuntimeError("CatBoost scored in the kernel's place")
        context = context_of(engine.spec, {"n0": 0.5})
        rows = np.random.default_rng(0).integers(0, table.count, (REQUESTS, CANDIDATES))
        engine.score(rows[0], context)
        with counted() as seconds:
            for each in rows:
                engine.score(each, context)
        return Cost(REQUESTS, seconds())

    yield measure


CURVES = (
    Curve(
        "looking items up",
        size="items of the catalogue",
        unit="a request of 10 text ids",
        sizes=(10_000, 100_000, 500_000, 2_000_000),
        small=(1_000, 8_000, 64_000),
        measuring=_catalogues,
    ),
    Curve(
        "scoring",
        size="columns of the model",
        unit="a request of 10 candidates",
        sizes=(10, 50, 200, 500),
        small=(5, 20, 80),
        measuring=_columns,
    ),
)
