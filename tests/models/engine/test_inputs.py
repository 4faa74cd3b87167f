"""Where features come from: catalogue, context, and the cross function."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pytest

from models.engine import EngineError, Job, RowError, load_engine
from models.engine.fast import KernelEngine
from models.engine.inputs import Inputs
from models.features import Context, FeatureSpec
from tests.models.engine.engines import (
    Table,
    assert_same_bits,
    context_of,
    open_catalogue,
    random_table,
    stock_scores,
    write_package,
)


def distances(items: Mapping[str, Any], context: Mapping[str, Any]) -> Mapping[str, Any]:
    """A cross function: of an item's number, a word, and the context."""
    near = np.abs(items["n0"] - context["n1"]).astype(np.float32)
    same = (items["c0"] == context["c1"]).astype(np.float32)
    return {"near": np.where(near > 1, np.float32(np.nan), near), "same": same}


@pytest.mark.parametrize("one_hot", [20, 1])
def test_crossed_features(tmp_path: Path, one_hot: int) -> None:
    """Crossed columns are computed per request and item, and scored as training would; also within CTRs."""
    table = random_table(5, 800, 4, 2)
    items = {"n0": table.numeric["n0"], "c0": np.array(table.categorical["c0"], object)}
    context = {"n1": table.numeric["n1"], "c1": np.array(table.categorical["c1"], object)}
    made = distances(items, context)
    whole = Table(table.numeric, table.categorical, table.target + made["same"])
    frame = whole.frame().assign(**made)
    pool = catboost.Pool(frame, whole.target, cat_features=["c0", "c1"])
    model = catboost.CatBoost(
        {
            "iterations": 60,
            "depth": 5,
            "verbose": 0,
            "allow_writing_files": False,
            "one_hot_max_size": one_hot,
            "model_size_reg": 0,
            "max_ctr_complexity": 3,
            "learning_rate": 0.3,
        }
    )
    model.fit(pool)
    cross = (f"{__name__}:distances", ["near", "same"])
    package = write_package(tmp_path / "package", model, whole, ["n1", "c1"], cross)
    engine = load_engine(package, open_catalogue(tmp_path, whole, ["n1", "c1"]), functions={cross[0]})
    assert isinstance(engine, KernelEngine), engine.reason
    joint = engine.walker.layout.joint
    assert all(part.source.size for part in (joint.context, joint.crossed)) is (one_hot == 1)
    jobs = [
        Job(np.arange(start, start + 40), context_of(engine.spec, {"n1": value, "c1": word}))
        for start, value, word in [(0, 0.5, "red"), (10, np.nan, ""), (300, -2.0, "unheard of")]
    ]
    for job, scores in zip(jobs, engine.score_many(jobs), strict=True):
        columns = engine.features(job.rows, job.context)
        assert list(columns) == ["n0", "n1", "n2", "n3", "c0", "c1", "near", "same"]
        expected = stock_scores(package, columns, whole, False)
        assert_same_bits(scores, expected)
        assert_same_bits(engine.score(job.rows, job.context), expected)


SPEC = FeatureSpec(("n0",), ("c0",), ("n1",), (), (), ("n0", "n1", "c0"))


def test_columns_are_gathered_by_row(tmp_path: Path) -> None:
    """Numbers and words of the rows that are asked for, the context repeated, in the model's order."""
    table = random_table(61, 50, 2, 1)
    catalogue = open_catalogue(tmp_path, table, ["n1"])
    inputs = Inputs.of(SPEC, catalogue, None)
    rows = np.array([4, 0, 4])
    found = inputs.features(rows, Context(np.array([0.5], np.float32), ()))
    assert list(found) == ["n0", "n1", "c0"]
    np.testing.assert_array_equal(found["n0"], table.numeric["n0"][rows])
    assert found["n1"].tolist() == [0.5] * 3
    assert found["c0"].tolist() == [table.categorical["c0"][row] for row in rows]
    with pytest.raises(KeyError, match="n1"):
        inputs.column("n1", rows)


def test_rows_outside_the_catalogue_are_refused(tmp_path: Path) -> None:
    """The first of them is named, with how many there are."""
    inputs = Inputs.of(SPEC, open_catalogue(tmp_path, random_table(62, 50, 2, 1), ["n1"]), None)
    for rows in ([0, 50], [0, -1]):
        with pytest.raises(RowError, match=rf"row {rows[1]} is not in catalogue \w+, which has 50"):
            inputs.check(np.array(rows))


def test_features_that_the_catalogue_lacks_are_named(tmp_path: Path) -> None:
    """Numbers and words, in order of their names."""
    catalogue = open_catalogue(tmp_path, random_table(63, 50, 1, 1))
    spec = FeatureSpec(("n0", "n9"), ("c0", "a"), (), (), (), ("n0", "n9", "c0", "a"))
    with pytest.raises(EngineError, match="lacks the item features a, n9"):
        Inputs.of(spec, catalogue, None)
