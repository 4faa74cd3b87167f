"""Engines score as CatBoost does in every bit, whatever the model; or CatBoost serves, and says why."""

import json
import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.engine import EngineError, Job, RowError, load_engine
from models.engine.cityhash import category_hashes
from models.engine.store import load_forest, save_forest
from models.features import Context
from tests.models.engine.engines import (
    WORDS,
    Table,
    context_of,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)
from tests.overwrite import overwrite

EDGES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 1e-40, 3.4028235e38, -3.4028235e38]

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


def assert_same_columns(found: Mapping[str, NDArray[Any]], expected: Mapping[str, NDArray[Any]]) -> None:
    assert list(found) == list(expected)
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column)


def assert_same_bits(found: object, expected: NDArray[np.float64]) -> None:
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found.view(np.int64), expected.view(np.int64))


@pytest.mark.parametrize("depth", range(1, 17))
def test_every_depth(tmp_path: Path, depth: int) -> None:
    """All that CatBoost allows; from 9 on a leaf index takes two bytes."""
    table = random_table(depth, 300, 5)
    package = write_package(tmp_path / "package", train(table, depth=depth, iterations=3), table)
    engine = load_engine(package, open_catalogue(tmp_path, table))
    rows, none = np.arange(300), Context(np.empty(0, np.float32), ())
    assert engine.kind == "kernel", engine.reason
    assert_same_bits(engine.score(rows, none), stock_scores(package, table.numeric, table, False))


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


CTRS = ["Borders", "Buckets", "BinarizedTargetMeanValue", "Counter"]


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**31),
    st.sets(st.sampled_from(CTRS), min_size=1),
    st.sets(st.sampled_from(CTRS), min_size=1),
    st.integers(1, 3),
    st.integers(2, 4),
    st.sampled_from(["Logloss", "RMSE", "QueryRMSE"]),
    st.sampled_from(["Min", "Max"]),
)
def test_statistics_of_item_categories(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    simple: set[str],
    combined: set[str],
    complexity: int,
    one_hot: int,
    loss: str,
    nan_mode: str,
) -> None:
    """CTRs of single categories and of combinations, also with numbers and one-hot values, known or not."""
    folder = tmp_path_factory.mktemp("statistics")
    table = random_table(seed, 300, 2, 3, missing=0.1)
    table.categorical["c2"] = [WORDS[1 + (word == "red")] for word in table.categorical["c2"]]
    model = train(
        table,
        iterations=12,
        depth=5,
        loss_function=loss,
        nan_mode=nan_mode,
        one_hot_max_size=one_hot,
        max_ctr_complexity=complexity,
        simple_ctr=sorted(simple),
        combinations_ctr=sorted(combined),
    )
    rows = edgy(table, seed)
    package = write_package(folder / "package", model, rows, ["n1"])
    engine = load_engine(package, open_catalogue(folder, rows, ["n1"]))
    if engine.kind == "catboost":  # n1 comes with the request: a combination with it is no constant
        assert engine.reason.endswith("which are not all features of the item")
        assert ", n1, which" in engine.reason
        return
    context = context_of(engine.spec, {"n1": 0.25})
    scores = engine.score(np.arange(150), context)
    columns = engine.features(np.arange(150), context)
    assert_same_bits(scores, stock_scores(package, columns, rows, loss == "Logloss"))


def test_a_statistic_of_the_context_is_catboosts(tmp_path: Path) -> None:
    """What depends on more than the item is no constant of the snapshot: CatBoost serves, and says so."""
    table = random_table(14, 300, 1, 2)
    model = train(table, iterations=10, depth=4, max_ctr_complexity=1)
    package = write_package(tmp_path / "package", model, table, ["c1"])
    engine = load_engine(package, open_catalogue(tmp_path, table, ["c1"]))
    assert engine.kind == "catboost"
    assert engine.reason.endswith("it has a CTR of c1, which are not all features of the item")
    context = context_of(engine.spec, {"c1": "red"})
    columns = engine.features(np.arange(300), context)
    assert_same_bits(engine.score(np.arange(300), context), stock_scores(package, columns, table, False))


def distances(items: Mapping[str, Any], context: Mapping[str, Any]) -> Mapping[str, Any]:
    """A cross function: of an item's number, a word, and the context."""
    near = np.abs(items["n0"] - context["n1"]).astype(np.float32)
    same = (items["c0"] == context["c1"]).astype(np.float32)
    return {"near": np.where(near > 1, np.float32(np.nan), near), "same": same}


def test_crossed_features(tmp_path: Path) -> None:
    """Crossed columns are computed per request and item, and scored as training would."""
    table = random_table(5, 500, 4, 2)
    items = {"n0": table.numeric["n0"], "c0": np.array(table.categorical["c0"], object)}
    context = {"n1": table.numeric["n1"], "c1": np.array(table.categorical["c1"], object)}
    made = distances(items, context)
    whole = Table(table.numeric, table.categorical, table.target + made["same"])
    frame = whole.frame().assign(**made)
    pool = catboost.Pool(frame, whole.target, cat_features=["c0", "c1"])
    model = catboost.CatBoost(
        {"iterations": 30, "depth": 5, "verbose": 0, "allow_writing_files": False, "one_hot_max_size": 20}
    )
    model.fit(pool)
    cross = (f"{__name__}:distances", ["near", "same"])
    package = write_package(tmp_path / "package", model, whole, ["n1", "c1"], cross)
    engine = load_engine(package, open_catalogue(tmp_path, whole, ["n1", "c1"]))
    assert engine.kind == "kernel", engine.reason
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


def test_scale_and_bias(tmp_path: Path) -> None:
    """A model that was rescaled after training."""
    table = random_table(6, 300, 4)
    model = train(table, depth=4, iterations=10)
    model.set_scale_and_bias(0.1, -3.7)
    package = write_package(tmp_path / "package", model, table)
    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert engine.kind == "kernel", engine.reason
    scores = engine.score(np.arange(300), Context(np.empty(0, np.float32), ()))
    assert_same_bits(scores, stock_scores(package, table.numeric, table, False))


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


def both(tmp_path: Path, package: Path, table: Table) -> list[Any]:
    """The kernel and CatBoost as engines of the same package."""
    from models.engine.load import _Loading

    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert engine.kind == "kernel"
    return [engine, _Loading(package, engine.inputs).fallback("asked for")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("policy", ["Lossguide", "Depthwise"])
@pytest.mark.parametrize("loss", ["QueryRMSE", "Logloss", "CrossEntropy"])
def test_catboost_serves_what_the_kernel_does_not_cover(tmp_path: Path, policy: str, loss: str) -> None:
    """The reason names what it is, and scores are of the same kind as the kernel's."""
    table = random_table(8, 200, 3)
    model = train(table, iterations=5, grow_policy=policy, loss_function=loss)
    package = write_package(tmp_path / "package", model, table)
    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert engine.kind == "catboost"
    assert engine.reason == "the kernel does not cover this model: its trees are not symmetric"
    scores = engine.score(np.arange(200), Context(np.empty(0, np.float32), ()))
    assert_same_bits(scores, stock_scores(package, table.numeric, table, loss != "QueryRMSE"))


def test_a_kernel_that_is_wrong_does_not_serve(tmp_path: Path) -> None:
    """A leaf that is off by a millionth in what the kernel reads: the proof finds it, and CatBoost serves."""
    table = random_table(9, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5, depth=2), table)
    catalogue = open_catalogue(tmp_path, table)
    assert load_engine(package, catalogue).kind == "kernel"
    (kept,) = (package / "engine").glob("forest-*.npz")
    forest = load_forest(kept)
    forest.leaves[0] += 1e-6
    kept.chmod(0o644)
    save_forest(kept, forest)
    engine = load_engine(package, catalogue)
    assert engine.kind == "catboost"
    assert engine.reason.startswith("the kernel is not CatBoost: edge rows: ")
    assert "scores differ from CatBoost's, first in row" in engine.reason


def test_damaged_files_beside_the_package_are_made_again(tmp_path: Path) -> None:
    """What is kept between starts is a convenience: cut short, it is computed again."""
    table = random_table(10, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5), table)
    catalogue = open_catalogue(tmp_path, table)
    expected = load_engine(package, catalogue).score(np.arange(200), Context(np.empty(0, np.float32), ()))
    for path in (package / "engine").iterdir():
        overwrite(path, path.read_bytes()[:-3])
        engine = load_engine(package, catalogue)
        assert engine.kind == "kernel", path.name
        assert_same_bits(engine.score(np.arange(200), Context(np.empty(0, np.float32), ())), expected)


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    """A read-only package serves all the same; every process computes for itself."""
    table = random_table(13, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5), table)
    (package / "engine").write_text("a file where the folder would be")
    engine = load_engine(package, open_catalogue(tmp_path, table))
    assert engine.kind == "kernel", engine.reason
    scores = engine.score(np.arange(200), Context(np.empty(0, np.float32), ()))
    assert_same_bits(scores, stock_scores(package, table.numeric, table, False))


def _load(package: Path, folder: Path, answers: "Queue[tuple[str, list[float]]]") -> None:
    engine = load_engine(package, Catalogue.open(folder))
    answers.put((engine.kind, engine.score(np.arange(200), Context(np.empty(0, np.float32), ())).tolist()))


def test_workers_may_load_at_once(tmp_path: Path) -> None:
    """Four processes race for a new package: all serve the same, and no draft is left."""
    table = random_table(15, 200, 3)
    package = write_package(tmp_path / "package", train(table, iterations=5), table)
    catalogue = open_catalogue(tmp_path, table)
    spawn = multiprocessing.get_context("fork")
    answers: Queue[tuple[str, list[float]]] = spawn.Queue()
    workers = [spawn.Process(target=_load, args=(package, catalogue.folder, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert found == [("kernel", stock_scores(package, table.numeric, table, False).tolist())] * 4
    assert not list((package / "engine").glob(".draft-*"))


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
from models.catalogue import Catalogue
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


def test_category_hashes_are_catboosts() -> None:
    """Of texts of every length up to 200 bytes, against the hashes that CatBoost writes out itself."""
    draw = np.random.default_rng(0)
    words = ["".join(draw.choice(list("abcé漢 0"), size)) for size in range(90)] + [
        "x" * size for size in range(200)
    ]
    words = list(dict.fromkeys(words))
    table = Table(
        {"n0": draw.normal(size=len(words)).astype(np.float32)}, {"c0": words}, draw.normal(size=len(words))
    )
    model = train(table, iterations=1, depth=1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json", pool=catboost.Pool(table.frame(), cat_features=["c0"]))
        written = json.loads(path.read_text())["features_info"]["cat_features_hash"]
    expected = {one["value"]: one["hash"] for one in written}
    assert expected == dict(zip(words, category_hashes(words).tolist(), strict=True))
