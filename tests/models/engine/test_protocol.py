"""What every engine does alike."""

from pathlib import Path

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue
from models.engine import EngineError, Job, RowError, load_engine
from models.features import Context
from tests.models.engine.engines import (
    assert_same_bits,
    assert_same_columns,
    both,
    context_of,
    open_catalogue,
    random_table,
    some_items,
    train,
    write_package,
)


def test_a_bad_job_fails_alone(tmp_path: Path) -> None:
    """A row that is not in the catalogue, within a batch: its mates have their scores."""
    table = random_table(7, 100, 3)
    package = write_package(tmp_path / "package", train(table, iterations=3), table)
    none = Context(np.empty(0, np.float32), ())
    for engine in both(tmp_path, package, table):
        found = engine.score_many([Job(np.array(rows), none) for rows in ([1, 2], [-1], [3, 100], [], [99])])
        assert [type(one).__name__ for one in found] == [
            "ndarray",
            "RowError",
            "RowError",
            "ndarray",
            "ndarray",
        ]
        assert str(found[2]).startswith("row 100 is not in catalogue")
        with pytest.raises(RowError, match="row -1 is not in catalogue"):
            engine.score(np.array([5, -1]), none)


def test_kernel_and_catboost_answer_alike(tmp_path: Path) -> None:
    """Features, digest, declared features, and scores of items that were fetched for one request."""
    table = random_table(72, 100, 2, 1)
    model = train(table, iterations=5, depth=3, one_hot_max_size=20)
    package = write_package(tmp_path / "package", model, table, ["n1"])
    kernel = load_engine(package, open_catalogue(tmp_path, table, ["n1"]))
    (_, catboost) = engines = both(tmp_path, package, table, ["n1"])
    context = context_of(kernel.spec, {"n1": 0.25})
    rows = np.array([3, 99, 0])
    assert [engine.kind for engine in engines] == ["kernel", "catboost"]
    assert catboost.reason.startswith("asked for; CatBoost itself takes ")
    for engine in engines:
        catalogue = engine.inputs.catalogue
        assert isinstance(catalogue, Catalogue)
        assert engine.digest == kernel.digest
        assert engine.spec == kernel.spec
        assert_same_columns(engine.features(rows, context), kernel.features(rows, context))
        assert_same_bits(engine.score(rows, context), kernel.score(rows, context))
        fetched = engine.on(some_items(catalogue, rows))
        assert_same_bits(fetched.score(np.arange(3), context), kernel.score(rows, context))
        with pytest.raises(EngineError, match="items of catalogue"):
            engine.on(open_catalogue(tmp_path / "other", random_table(73, 9, 2, 1), ["n1"]))


def test_errors_are_those_of_python() -> None:
    """Who asks for a row that is not there may catch IndexError, who loads what can't serve ValueError."""
    assert issubclass(RowError, IndexError)
    assert issubclass(EngineError, ValueError)
