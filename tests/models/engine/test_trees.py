"""A model as arrays, and what can not be read as such."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.engine import load_engine
from models.engine.trees import BORDERS, Unsupported, loss, read_forest
from models.features import Context
from tests.models.engine.engines import (
    assert_same_bits,
    forest_of,
    open_catalogue,
    random_table,
    stock_scores,
    train,
    write_package,
)


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


def small_model(**changes: Any) -> dict[str, Any]:
    """The JSON of two trees: one asks a number, the other a number and a category."""
    number = {"split_type": "FloatFeature", "float_feature_index": 0, "border": 0.5}
    word = {"split_type": "OneHotFeature", "cat_feature_index": 0, "value": -1}
    features = {
        "float_features": [{"flat_feature_index": 0, "borders": [0.5], "nan_value_treatment": "AsTrue"}],
        "categorical_features": [{"flat_feature_index": 1, "values": [-1]}],
    }
    model = {
        "features_info": features,
        "model_info": {"params": {"loss_function": {"type": "RMSE"}}},
        "oblivious_trees": [
            {"splits": [number], "leaf_values": [1.0, 2.0]},
            {"splits": [number, word], "leaf_values": [3.0, 4.0, 5.0, 6.0]},
        ],
        "scale_and_bias": [2.0, [0.25]],
    }
    return model | changes


def test_trees_are_padded_to_a_group() -> None:
    """Eight trees: those that are added ask nothing and are worth nothing."""
    forest = read_forest(json.dumps(small_model()))
    assert (forest.trees, forest.levels, forest.deep, forest.group) == (2, 2, False, 8)
    assert forest.column.shape == forest.threshold.shape == (8, 2)
    number, word = (
        next(at for at, one in enumerate(forest.columns) if one.feature == each) for each in (0, 1)
    )
    assert forest.column[1].tolist() == [number, word]
    assert forest.threshold[:2].tolist() == [[0, 255], [0, 0]]
    assert (forest.threshold[2:] == 255).all()
    assert forest.starts.tolist() == [0, 2, 6, 6, 6, 6, 6, 6]
    assert forest.leaves.tolist() == [1, 2, 3, 4, 5, 6, 0]
    assert (forest.scale, forest.bias, forest.probability) == (2.0, 0.25, False)
    assert forest.columns[number].nan_is_high
    assert forest.columns[word].category == 0xFFFFFFFF


def test_more_borders_than_a_byte_counts_make_several_columns(tmp_path: Path) -> None:
    """Each of at most 255, ascending, without gap or overlap."""
    table = random_table(71, 4000, 1)
    forest = forest_of(train(table, iterations=200, depth=6, border_count=1000), tmp_path)
    assert len(forest.columns) > 1
    assert max(column.borders.size for column in forest.columns) == BORDERS
    borders = np.concatenate([column.borders for column in forest.columns])
    assert (np.diff(borders) > 0).all()


def test_the_loss_may_be_text_in_text() -> None:
    """As CatBoost writes parameters of some releases; a model without any has none."""
    text = json.dumps({"loss_function": {"type": "Logloss"}})
    assert loss(small_model(model_info={"params": text})) == "Logloss"
    assert read_forest(json.dumps(small_model(model_info={"params": text}))).probability
    assert loss(small_model(model_info={})) == ""


def broken_tree(**changes: Any) -> dict[str, Any]:
    return {"oblivious_trees": [{"splits": [], "leaf_values": [1.0]} | changes]}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scale_and_bias": [1.0, [0.0, 1.0]]}, "it gives 2 numbers per row"),
        ({"features_info": {"text_features": [1]}}, "it has text features"),
        (broken_tree(splits=[{"split_type": "Guess"}]), "it has splits of type Guess"),
        (broken_tree(leaf_values=[1.0, 2.0]), "it has 2 leaf values: its splits need 1"),
        (
            broken_tree(splits=[small_model()["oblivious_trees"][0]["splits"][0]] * 17, leaf_values=[0.0]),
            "trees of depth 17: the kernel walks up to 16",
        ),
    ],
)
def test_what_the_kernel_does_not_cover_is_named(changes: dict[str, Any], reason: str) -> None:
    """The reason that CatBoost serves such a model."""
    with pytest.raises(Unsupported) as refused:
        read_forest(json.dumps(small_model(**changes)))
    assert str(refused.value) == reason
    without = small_model()
    del without["oblivious_trees"]
    with pytest.raises(Unsupported, match="its trees are not symmetric"):
        read_forest(json.dumps(without))
