"""Kernel and CatBoost compared at every load."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.engine import Job, load_engine
from models.engine.fast import KernelEngine
from models.engine.proof import Trial, difference, trials
from models.engine.store import load_forest, save_forest
from tests.models.engine.engines import (
    assert_same_bits,
    context_of,
    open_catalogue,
    random_table,
    train,
    write_package,
)


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


def trial(*scores: float) -> Trial:
    return Trial("edge rows", {"a": np.zeros(len(scores), np.float32)}, np.array(scores))


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        ([1.0, 2.0], None),
        ([1.0, np.nextafter(2.0, 3)], "edge rows: 1 of 2 scores differ from CatBoost's, first in row 1: "),
        ([1.0], "edge rows: 2 scores, CatBoost gives 1"),
    ],
)
def test_one_bit_is_a_difference(expected: list[float], sentence: str | None) -> None:
    """The sentence has the row and both scores."""
    found = difference(trial(1.0, 2.0), np.array(expected))
    assert found is None if sentence is None else (found or "").startswith(sentence)


def test_a_zero_of_the_other_sign_is_a_difference() -> None:
    """NaN of the same bits is none."""
    assert difference(trial(0.0), np.array([-0.0])) is not None
    assert difference(trial(np.nan), np.array([np.nan])) is None


def test_recorded_scores_hold_for_the_same_rows_only() -> None:
    """The digest is of names and values, texts apart from one another."""

    def digest(**columns: NDArray[Any]) -> str:
        return Trial("x", columns, np.empty(0)).digest

    one = digest(a=np.array([1, 2], np.float32))
    assert one == digest(a=np.array([1, 2], np.float32))
    assert one != digest(a=np.array([1, 3], np.float32))
    assert one != digest(b=np.array([1, 2], np.float32))
    assert digest(a=np.array(["x", "yz"], object)) != digest(a=np.array(["xy", "z"], object))


def test_trials_are_the_hardest_rows_and_real_ones(tmp_path: Path) -> None:
    """NaN, infinities and the model's borders; the same rows at every load; requests as they are."""
    table = random_table(76, 100, 2, 1)
    model = train(table, iterations=5, depth=3, one_hot_max_size=20)
    package = write_package(tmp_path / "package", model, table, ["n1"])
    engine = load_engine(package, open_catalogue(tmp_path, table, ["n1"]))
    assert isinstance(engine, KernelEngine)
    request = Job(np.array([5, 6]), context_of(engine.spec, {"n1": 0.5}))
    first, second = trials(engine, [request]), trials(engine, [request])
    assert [each.digest for each in first] == [each.digest for each in second]
    real = [f"real rows, request {turn}" for turn in range(5)]
    assert [each.name for each in first] == ["edge rows", *real]
    edges = first[0].columns["n0"]
    assert len(edges) == 600
    assert np.isnan(edges).any()
    assert {np.inf, -np.inf} <= set(edges.tolist())
    borders = [one.borders for one in engine.walker.forest.columns if one.feature == 0]
    assert np.isin(np.concatenate(borders), edges).mean() > 0.5
    assert "unheard of" in first[0].columns["c0"]
    assert_same_bits(first[-1].scores, engine.score(request.rows, request.context))
    assert len(first[-1].scores) == 2
