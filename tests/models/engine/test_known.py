"""Which values a model knows, by its splits and by its statistics."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd

from models.engine import known

DRAW = np.random.default_rng(2)
FRAME = pd.DataFrame({"a": DRAW.random(2000), "c": DRAW.choice(list("uvwxyz"), 2000)})


def told(folder: Path, one_hot: int, **params: Any) -> dict[str, Any]:
    """The JSON of a model that asks for c (one_hot 255) or counts it (2)."""
    given = {
        "iterations": 20,
        "depth": 3,
        "one_hot_max_size": one_hot,
        "allow_writing_files": False,
        **params,
    }
    label = FRAME["a"] + FRAME["c"].map(ord) % 4
    model = catboost.CatBoost(given).fit(catboost.Pool(FRAME, label, cat_features=["c"]), verbose=False)
    model.save_model(str(folder / "m.json"), format="json")
    found: dict[str, Any] = json.loads((folder / "m.json").read_bytes())
    return found


def test_statistics_know_every_value_of_training_and_no_other(tmp_path: Path) -> None:
    found = known(told(tmp_path, 2), 1, ["u", "z", "q", "U", ""])
    assert found is not None
    assert found.counted
    assert found.mask.tolist() == [True, True, False, False, False]


def test_splits_know_the_values_that_they_ask_for(tmp_path: Path) -> None:
    found = known(told(tmp_path, 255), 1, [*"uvwxyz", "q"])
    assert found is not None
    assert not found.counted
    assert found.mask.any()
    assert not found.mask[-1]


def test_a_category_that_is_not_used_has_no_answer(tmp_path: Path) -> None:
    assert known(told(tmp_path, 255, ignored_features=[1]), 1, ["u"]) is None
    assert known(told(tmp_path, 255), 0, ["u"]) is None
