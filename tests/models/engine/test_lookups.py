"""CTRs that a request has a say in are CatBoost's to the last bit, whatever they combine."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.engine import Job, load_engine
from models.engine.fast import KernelEngine
from models.engine.lookups import insert
from tests.models.engine.engines import (
    Table,
    assert_same_bits,
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
        "depth": st.integers(2, 7),
        "nan_mode": st.sampled_from(["Min", "Max"]),
        "loss_function": st.sampled_from(["RMSE", "YetiRank", "Logloss"]),
        "max_ctr_complexity": st.integers(1, 4),
        "counter_calc_method": st.sampled_from(["SkipTest", "Full"]),
        "iterations": st.integers(10, 25),
        "one_hot_max_size": st.sampled_from([1, 5]),
        "numeric": st.integers(0, 4),
        "categorical": st.integers(1, 4),
        "context": st.sets(st.sampled_from(["n0", "n1", "c0", "c1", "c2"])),
    }
)
CTRS = ["Borders:Prior=0/1:Prior=1/1", "Buckets:Prior=0.5/1", "Counter:Prior=0/1"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(shapes)
def test_every_bit_is_catboosts(tmp_path_factory: pytest.TempPathFactory, shape: dict[str, Any]) -> None:
    """Context values alone, with others of the context, with the item's; known, unknown and missing words."""
    folder, shape = tmp_path_factory.mktemp("lookups"), dict(shape)
    numeric, categorical = shape.pop("numeric"), shape.pop("categorical")
    seed, given_context = shape.pop("seed"), shape.pop("context")
    table = random_table(seed, 400, numeric, categorical, missing=0.1)
    model = train(table, **shape, random_seed=seed, simple_ctr=CTRS, combinations_ctr=CTRS, model_size_reg=0)
    context = sorted(given_context & {*table.numeric, *table.categorical})
    package = write_package(folder / "package", model, table, context)
    rows = edgy(table, seed)
    catalogue = open_catalogue(folder, rows, context)
    engine = load_engine(package, catalogue)
    assert isinstance(engine, KernelEngine), engine.reason
    jobs, expected = [], []
    for turn in range(0, 150, 30):
        values = _context(rows, turn)
        jobs.append(Job(np.arange(150)[turn : turn + 90], context_of(engine.spec, values)))
        columns = engine.features(jobs[-1].rows, jobs[-1].context)
        expected.append(stock_scores(package, columns, rows, shape["loss_function"] == "Logloss"))
    for job, scores in zip(jobs, expected, strict=True):
        assert_same_bits(engine.score(job.rows, job.context), scores)
        assert_same_bits(engine.on(catalogue).score(job.rows, job.context), scores)
    for found, scores in zip(engine.score_many(jobs), expected, strict=True):
        assert_same_bits(found, scores)


def _context(rows: Table, turn: int) -> dict[str, Any]:
    given: dict[str, Any] = {**rows.numeric, **rows.categorical}
    values = {name: column[turn] for name, column in given.items()}
    return values if turn % 60 else values | dict.fromkeys(rows.categorical, f"unheard of {turn}")


def test_a_context_of_many_values_is_looked_up(tmp_path: Any) -> None:
    """More values than CatBoost asks for one by one: in a context's row alone."""
    draw = np.random.default_rng(3)
    words = [f"viewer-{number}" for number in draw.integers(0, 600, 3_000)]
    table = random_table(5, 3_000, 2, 1)
    effect = {word: draw.normal() for word in dict.fromkeys(words)}
    target = table.target + np.array([effect[word] for word in words])
    table = Table(table.numeric, {**table.categorical, "viewer": words}, target)
    model = train(table, iterations=40, depth=4, one_hot_max_size=255)
    package = write_package(tmp_path / "package", model, table, ["viewer"])
    engine = load_engine(package, open_catalogue(tmp_path, table, ["viewer"]))
    assert isinstance(engine, KernelEngine), engine.reason
    layout = engine.walker.layout
    assert layout.looked_up.size > 0
    differing = set()
    for word in [*words[:50], "viewer-of-no-table"]:
        job = Job(np.arange(20), context_of(engine.spec, {"viewer": word}))
        scores = engine.score(job.rows, job.context)
        assert_same_bits(scores, stock_scores(package, engine.features(job.rows, job.context), table, False))
        differing.add(scores.tobytes())
    assert len(differing) > 25  # the context does change the scores


def test_a_full_slot_is_passed_over() -> None:
    """Keys that hash to one slot lie in the next ones, around the end."""
    slots, places = np.zeros(8, np.uint64), np.full(8, -1, np.int32)
    keys = np.array([7, 15, 23, 1], np.uint64)
    insert(keys, slots, places, np.uint64(7))
    assert places.tolist() == [1, 2, 3, -1, -1, -1, -1, 0]
    assert slots[[7, 0, 1, 2]].tolist() == [7, 15, 23, 1]
