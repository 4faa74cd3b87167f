"""A forest as a file of arrays."""

from dataclasses import fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pytest

from models.engine.counts import Statistic
from models.engine.store import load_forest, save_forest
from models.engine.trees import SplitColumn
from tests.models.engine.engines import forest_of, random_table, train


@pytest.mark.parametrize("one_hot", [2, 20])
def test_what_is_written_is_read(tmp_path: Path, one_hot: int) -> None:
    """Every field: columns of numbers and categories, and statistics with what they are of."""
    table = random_table(21, 300, 2, 2, missing=0.1)
    model = train(table, iterations=8, depth=4, one_hot_max_size=one_hot, nan_mode="Max")
    forest = forest_of(model, tmp_path)
    path = tmp_path / "forest without an ending"
    save_forest(path, forest)
    found = load_forest(path)
    assert bool(forest.statistics) is (one_hot == 2)
    for field in fields(forest):
        one, other = getattr(found, field.name), getattr(forest, field.name)
        if isinstance(other, np.ndarray):
            assert one.dtype == other.dtype, field.name
            np.testing.assert_array_equal(one, other, err_msg=field.name)
        elif field.name not in ("columns", "statistics"):
            assert one == other, field.name
    for column, wanted in zip(found.columns, forest.columns, strict=True):
        assert_equal_columns(column, wanted)
    for statistic, of in zip(found.statistics, forest.statistics, strict=True):
        assert_equal_statistics(statistic, of)


def assert_equal_columns(found: SplitColumn, wanted: SplitColumn) -> None:
    np.testing.assert_array_equal(found.borders, wanted.borders)
    for name in ("feature", "nan_is_high", "category", "statistic"):
        assert getattr(found, name) == getattr(wanted, name), name


def assert_equal_statistics(found: Statistic, wanted: Statistic) -> None:
    assert found.projection == wanted.projection
    np.testing.assert_array_equal(found.keys, wanted.keys)
    np.testing.assert_array_equal(found.values, wanted.values)


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_what_is_no_forest_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """By one of the errors that a reader expects: missing, not a zip, or another file of arrays."""
    path = tmp_path / "forest.npz"
    if content is None:
        np.savez(path, leaves=np.zeros(3))
    else:
        path.write_bytes(content)
    with pytest.raises((OSError, EOFError, ValueError, KeyError, BadZipFile)):
        load_forest(path)
    with pytest.raises(FileNotFoundError):
        load_forest(tmp_path / "nowhere.npz")
