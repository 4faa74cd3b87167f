"""A forest ready for the walk: calls of every size."""

from pathlib import Path

import numpy as np
import pytest

from models.engine import load_engine
from models.engine.fast import KernelEngine
from models.features import Context
from tests.models.engine.engines import (
    assert_same_bits,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 129, 1000])
def test_every_size(tmp_path: Path, count: int) -> None:
    """Sizes around the kernel's block of 128 rows; rows repeated and in any order."""
    table = random_table(3, 200, 11)
    package = write_package(tmp_path / "package", train(table, depth=4, iterations=19), table, ["n10"])
    engine = load_engine(package, open_catalogue(tmp_path, table, ["n10"]))
    rows = np.random.default_rng(count).integers(0, 200, count)
    columns = {name: values[rows] for name, values in table.numeric.items()}
    columns["n10"] = np.full(count, 0.25, np.float32)
    scores = engine.score(rows, Context(np.array([0.25], np.float32), ()))
    assert scores.shape == (count,)
    assert_same_bits(scores, stock_scores(package, columns, table, False))


def test_the_first_row_outside_is_told(tmp_path: Path) -> None:
    """By its place among the rows, in narrow blocks as in wide ones."""
    table = random_table(77, 50, 2)
    package = write_package(tmp_path / "package", train(table, iterations=3, depth=3), table)
    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert isinstance(engine, KernelEngine)
    for count in (10, 200):
        rows = np.zeros(count, np.int64)
        rows[[7, 9]] = 50
        contexts, owner = np.zeros((1, 0), np.uint8), np.zeros(count, np.int32)
        _, outside = engine.walker.scores(
            engine.table, rows, contexts, owner, np.empty((0, 0), np.float32), np.empty((0, 0), np.uint8)
        )
        assert outside == 7
