"""What a model tells of its training."""

from __future__ import annotations

import catboost
import pytest

from models.engine import parameters
from models.engine.parameters import stated


def test_a_sum_tells_its_loss_alone_and_a_model_all() -> None:
    given = {
        "loss_function": "Quantile:alpha=0.9",
        "iterations": 2,
        "verbose": 0,
        "allow_writing_files": False,
    }
    model = catboost.CatBoost(given).fit([[1.0], [2], [3]], [1.0, 2, 3], verbose=False)
    assert parameters(model)["iterations"] == 2
    assert parameters(catboost.sum_models([model, model])) == {"loss_function": "Quantile:alpha=0.9"}
    assert parameters(catboost.CatBoost()) == {}


@pytest.mark.parametrize("metadata", [{}, {"loss_function": ""}, {"loss_function": {}}])
def test_what_tells_nothing_gives_nothing(metadata: dict[str, object]) -> None:
    assert stated(metadata) == {}
