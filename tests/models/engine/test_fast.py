"""The kernel as an engine."""

from dataclasses import replace

import numpy as np
import pytest

from models.engine import EngineError, Job, RowError, load_engine
from models.engine.fast import KernelEngine
from tests.models.engine.engines import (
    assert_same_bits,
    context_of,
    open_catalogue,
    random_table,
    some_items,
    train,
    write_package,
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> KernelEngine:
    """Of four numbers, one of which comes with the request, and a category of each kind."""
    folder = tmp_path_factory.mktemp("fast")
    table = random_table(51, 300, 4, 2)
    model = train(table, iterations=20, depth=4, one_hot_max_size=20)
    package = write_package(folder / "package", model, table, ["n3", "c1"])
    found = load_engine(package, open_catalogue(folder, table, ["n3", "c1"]))
    assert isinstance(found, KernelEngine), found.reason
    return found


def job(engine: KernelEngine, rows: list[int], number: float, word: str) -> Job:
    return Job(np.array(rows, np.int64), context_of(engine.spec, {"n3": number, "c1": word}))


def test_jobs_together_score_as_each_alone(engine: KernelEngine) -> None:
    """Each under its own context, empty ones too, in the order of the jobs."""
    jobs = [
        job(engine, [1, 2, 3], 0.5, "red"),
        job(engine, [], -1.0, "blue"),
        job(engine, [3, 1], -1.0, "never seen"),
        job(engine, list(range(200)), np.nan, ""),
    ]
    for one, found in zip(jobs, engine.score_many(jobs), strict=True):
        assert_same_bits(found, engine.score(one.rows, one.context))
    first, _, third, _ = engine.score_many(jobs)
    assert isinstance(first, np.ndarray)
    assert isinstance(third, np.ndarray)
    assert first[2] != third[0]  # the same item under another context
    assert engine.score_many([]) == []


def test_a_request_longer_than_the_shared_owners(engine: KernelEngine) -> None:
    """More rows than are kept ready for a request whose context is the only one."""
    rows = np.tile(np.arange(300), 40)
    asked = job(engine, [], 0.1, "red")
    scores = engine.score(rows, asked.context)
    assert scores.shape == (12_000,)
    assert_same_bits(scores[-300:], engine.score(np.arange(300), asked.context))


def test_rows_may_come_in_any_integer_type(engine: KernelEngine) -> None:
    """And need not be contiguous."""
    asked = job(engine, [], 0.1, "red").context
    wanted = engine.score(np.array([4, 2, 0]), asked)
    assert_same_bits(engine.score(np.arange(6, dtype=np.int32)[4::-2], asked), wanted)  # type: ignore[arg-type]


def test_items_of_one_request_score_as_the_snapshots(engine: KernelEngine) -> None:
    """Their rows count from 0; those of another snapshot are refused."""
    catalogue = engine.inputs.catalogue
    rows = np.array([9, 250, 3])
    items = some_items(catalogue, rows)  # type: ignore[arg-type]
    asked = job(engine, [], -0.3, "green").context
    own = engine.on(items)
    assert_same_bits(own.score(np.arange(3), asked), engine.score(rows, asked))
    assert (own.digest, own.kind) == (engine.digest, "kernel")
    with pytest.raises(RowError, match=r"row 3 is not in catalogue \w+, which has 3"):
        own.score(np.array([3]), asked)
    with pytest.raises(EngineError, match="items of catalogue another: this is"):
        engine.on(replace(items, snapshot="another"))
