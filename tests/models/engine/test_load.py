"""Engines score as CatBoost does in every bit, whatever the model; or CatBoost serves, and says why."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.engine import EngineError, Job, load_engine
from tests.models.engine.engines import (
    assert_same_bits,
    assert_same_columns,
    context_of,
    edgy,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)

shapes = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**31),
        "depth": st.integers(1, 10),
        "border_count": st.sampled_from([1, 5, 32, 254, 255, 256, 600, 1000]),
        "nan_mode": st.sampled_from(["Min", "Max", "Forbidden"]),
        "loss_function": st.sampled_from(["RMSE", "QueryRMSE", "YetiRank", "Logloss", "CrossEntropy"]),
        "iterations": st.integers(1, 20),
        "numeric": st.integers(0, 9),
        "categorical": st.integers(0, 3),
        "context": st.integers(0, 6),
        "distinct": st.sampled_from([3, 40, None]),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(shapes)
def test_every_bit_is_catboosts(tmp_path_factory: pytest.TempPathFactory, shape: dict[str, Any]) -> None:
    """Any depth, borders, NaN mode, loss, one-hot features, and any features in the context."""
    folder = tmp_path_factory.mktemp("engine")
    shape = dict(shape)
    numeric, categorical = shape.pop("numeric"), shape.pop("categorical")
    seed, given_context, distinct = shape.pop("seed"), shape.pop("context"), shape.pop("distinct")
    missing = 0.0 if shape["nan_mode"] == "Forbidden" else 0.1
    numeric = numeric or int(not categorical)
    table = random_table(seed, 400, numeric, categorical, missing=missing, distinct=distinct)
    model = train(table, **shape, random_seed=seed, one_hot_max_size=20)
    rows = edgy(table, seed)
    context = [*rows.numeric, *rows.categorical][::-1][:given_context]
    package = write_package(folder / "package", model, table, context)
    catalogue = open_catalogue(folder, rows, context)
    engine = load_engine(package, catalogue)
    assert engine.kind == "kernel", engine.reason

    probability = shape["loss_function"] in ("Logloss", "CrossEntropy")
    jobs, expected = [], []
    for turn in range(0, 150, 50):
        values = {name: column[turn] for name, column in {**rows.numeric, **rows.categorical}.items()}
        jobs.append(Job(np.arange(150)[turn : turn + 90], context_of(engine.spec, values)))
        columns = {
            name: np.full(len(jobs[-1].rows), column[turn], None if name in rows.numeric else object)
            if name in context
            else np.asarray(column, None if name in rows.numeric else object)[jobs[-1].rows]
            for name, column in {**rows.numeric, **rows.categorical}.items()
        }
        assert_same_columns(engine.features(jobs[-1].rows, jobs[-1].context), columns)
        expected.append(stock_scores(package, columns, rows, probability))
    for job, scores in zip(jobs, expected, strict=True):
        assert_same_bits(engine.score(job.rows, job.context), scores)
    for found, scores in zip(engine.score_many(jobs), expected, strict=True):
        assert_same_bits(found, scores)


def test_a_package_that_cannot_serve_is_refused(tmp_path: Path) -> None:
    """Sentences that name the file or the features."""
    table = random_table(11, 100, 3)
    package = write_package(tmp_path / "package", train(table, iterations=2), table)
    with pytest.raises(EngineError, match="lacks the item features n1, n2"):
        load_engine(package, open_catalogue(tmp_path, table, ["n1", "n2"]))
    catalogue = open_catalogue(tmp_path, table)
    (package / "model.cb").write_bytes(b"nonsense")
    with pytest.raises(EngineError, match="is no model that CatBoost can load"):
        load_engine(package, catalogue)
    (package / "model.cb").unlink()
    with pytest.raises(EngineError, match=r"has no model\.cb"):
        load_engine(package, catalogue)


START = """
import sys, time
from pathlib import Path
import numpy as np
from models.compiled import keep_in
keep_in(Path(sys.argv[1]))
from models.catalogue.catalogue import Catalogue
from models.engine import load_engine
from models.features import Context
engine = load_engine(Path(sys.argv[2]), Catalogue.open(Path(sys.argv[3])))
engine.score(np.arange(5), Context(np.empty(0, np.float32), ()))
stats = [walk.stats for walk in (engine.walker.narrow, engine.walker.wide)]
hits = sum(sum(one.cache_hits.values()) for one in stats)
misses = sum(sum(one.cache_misses.values()) for one in stats)
print(engine.kind, hits, misses, "catboost" in sys.modules)
"""


def test_a_second_process_neither_compiles_nor_imports_catboost(tmp_path: Path) -> None:
    """Machine code, JSON, table and proof come from disk."""
    table = random_table(12, 100, 3)
    package = write_package(tmp_path / "package", train(table, iterations=2), table)
    catalogue = open_catalogue(tmp_path, table)
    command = [sys.executable, "-c", START, str(tmp_path / "code"), str(package), str(catalogue.folder)]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    assert first.stdout.split() == ["kernel", "0", "2", "True"]
    assert second.stdout.split() == ["kernel", "2", "0", "False"]
