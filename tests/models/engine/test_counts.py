"""Target statistics of categories, as CatBoost computes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.engine import load_engine
from models.engine.counts import Projection, Statistic, evaluate
from tests.models.engine.engines import (
    WORDS,
    assert_same_bits,
    context_of,
    edgy,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)

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
    assert engine.kind == "kernel", engine.reason
    context = context_of(engine.spec, {"n1": 0.25})
    scores = engine.score(np.arange(150), context)
    columns = engine.features(np.arange(150), context)
    assert_same_bits(scores, stock_scores(package, columns, rows, loss == "Logloss"))


def test_a_statistic_of_the_context_is_catboosts(tmp_path: Path) -> None:
    """What depends on more than the item is no constant of the snapshot: it is looked up for the request."""
    table = random_table(14, 300, 1, 2)
    model = train(table, iterations=10, depth=4, max_ctr_complexity=1)
    package = write_package(tmp_path / "package", model, table, ["c1"])
    engine = load_engine(package, open_catalogue(tmp_path, table, ["c1"]))
    assert engine.kind == "kernel", engine.reason
    context = context_of(engine.spec, {"c1": "red"})
    columns = engine.features(np.arange(300), context)
    assert_same_bits(engine.score(np.arange(300), context), stock_scores(package, columns, table, False))


def test_an_unknown_key_has_the_value_of_nothing() -> None:
    """The last value, whether the key lies between known ones or beyond them."""
    statistic = Statistic(
        Projection((0,), (), ()),
        np.array([3, 5, 9], np.uint64),
        np.array([0.3, 0.5, 0.9, -1.0], np.float32),
    )
    keys = np.array([9, 3, 4, 0, 10, 2**64 - 1], np.uint64)
    assert statistic.of(keys).tolist() == np.array([0.9, 0.3, -1, -1, -1, -1], np.float32).tolist()


def test_a_combination_is_hashed_part_by_part() -> None:
    """CatBoost's fold over hashes (signed), answers of numbers with NaN where it belongs, and categories."""
    multiplier, rows = 0x4906BA494954CB65, 4
    hashes = np.array([1, 0xFFFFFFFF, 7, 7], np.uint32)
    values = np.array([0.5, 2.0, np.nan, 1.0], np.float32)
    projection = Projection((0,), ((1, 1.0, True),), ((2, 7),))
    found = projection.keys(lambda _: hashes, lambda _: values)
    for row in range(rows):
        parts = [
            int(np.int32(hashes[row : row + 1].view(np.int32)[0])),
            int(values[row] > 1 or np.isnan(values[row])),
            int(hashes[row] == 7),
        ]
        key = 0
        for part in parts:
            key = multiplier * (key + multiplier * part) % 2**64
        assert int(found[row]) == key
    assert projection.features == {0, 1, 2}


def test_a_shared_combination_is_hashed_once() -> None:
    """However many statistics are of it."""
    asked = []
    projection = Projection((4,), (), ())
    keys = projection.keys(lambda _: np.array([8, 9], np.uint32), lambda _: np.empty(0, np.float32))
    statistics = [
        Statistic(projection, np.sort(keys), np.array([1, 2, 0], np.float32) * scale) for scale in (1, 10)
    ]

    def hashes(feature: int) -> Any:
        asked.append(feature)
        return np.array([8, 9], np.uint32)

    found = evaluate(statistics, hashes, lambda _: np.empty(0, np.float32), 2)
    assert asked == [4]
    np.testing.assert_array_equal(found[1], found[0] * 10)
    assert sorted(found[0].tolist()) == [1, 2]
