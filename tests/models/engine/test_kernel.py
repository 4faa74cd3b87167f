"""The compiled walk, by itself and for trees of every depth."""

from pathlib import Path

import numpy as np
import pytest

from models.engine import load_engine
from models.engine.kernel import finish, walk
from models.engine.lanes import NARROW
from models.features import Context
from tests.models.engine.engines import (
    assert_same_bits,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)


@pytest.mark.parametrize("depth", range(1, 17))
def test_every_depth(tmp_path: Path, depth: int) -> None:
    """All that CatBoost allows; from 9 on a leaf index takes two bytes."""
    table = random_table(depth, 300, 5)
    package = write_package(tmp_path / "package", train(table, depth=depth, iterations=3), table)
    engine = load_engine(package, open_catalogue(tmp_path, table))
    rows, none = np.arange(300), Context(np.empty(0, np.float32), ())
    assert engine.kind == "kernel", engine.reason
    assert_same_bits(engine.score(rows, none), stock_scores(package, table.numeric, table, False))


@pytest.mark.parametrize("count", [1, 63, 64, 150])
def test_sums_are_those_of_the_definition(count: int) -> None:
    """Eight trees of three levels over columns of all three origins, each row under its own context."""
    draw, levels = np.random.default_rng(count), 3
    table = draw.integers(0, 6, (40, 8)).astype(np.uint8)
    rows = draw.integers(0, 40, count)
    contexts = draw.integers(0, 6, (3, 2)).astype(np.uint8)
    owner = np.sort(draw.integers(0, 3, count)).astype(np.int32)
    crossed = draw.normal(size=(1, count)).astype(np.float32)
    borders = np.full((1, 256), np.inf, np.float32)
    borders[0, :2] = [-0.5, 0.5]
    joint = draw.integers(0, 6, (2, count)).astype(np.uint8)
    asked = draw.integers(0, 13, 8 * levels)
    thresholds = draw.integers(0, 5, 8 * levels).astype(np.uint8)
    leaves, starts = draw.normal(size=64), np.arange(8) * 8
    out = np.empty(count)
    outside = walk(levels, False, NARROW)(
        table, rows, contexts, owner, crossed, np.array([0]), borders, np.zeros(1, np.uint8), joint,
        (asked * NARROW).astype(np.uint32), thresholds, starts, leaves, out,
    )  # fmt: skip
    assert outside == -1
    above = np.searchsorted([-0.5, 0.5], crossed[0], side="left")
    tile = np.column_stack((table[rows], contexts[owner], above, joint.T))
    answers = (tile[:, asked] > thresholds).reshape(count, 8, levels)
    leaf = starts + (answers << np.arange(levels)).sum(axis=2)
    wanted = np.zeros(count)
    for tree in range(8):
        wanted += leaves[leaf[:, tree]]
    assert_same_bits(out, wanted)


def test_a_row_that_is_not_in_the_table_is_found_before_anything_is_written() -> None:
    """Its place is the answer."""
    table, none = np.zeros((5, 8), np.uint8), np.zeros((0, 4), np.float32)
    out = np.full(3, 7.0)
    for rows, place in (([0, 5, 9], 1), ([-1, 0, 0], 0)):
        found = walk(3, False, NARROW)(
            table, np.array(rows), np.zeros((1, 0), np.uint8), np.zeros(3, np.int32), none,
            np.empty(0, np.int64), np.empty((0, 256), np.float32), np.empty(0, np.uint8),
            np.zeros((0, 3), np.uint8), np.zeros(24, np.uint32), np.full(24, 255, np.uint8),
            np.zeros(8, np.int64), np.zeros(8), out,
        )  # fmt: skip
        assert (found, out.tolist()) == (place, [7.0, 7.0, 7.0])


def test_sums_are_scaled_and_squashed() -> None:
    """In place: scale and bias, then the logistic function where probabilities are asked for."""
    sums = np.array([0.0, 1.0, -40.0])
    finish(sums, 2.0, 0.5, False)
    assert sums.tolist() == [0.5, 2.5, -79.5]
    finish(sums, 1.0, 0.0, True)
    np.testing.assert_allclose(sums, 1 / (1 + np.exp([-0.5, -2.5, 79.5])))
