"""What features add to a score sums up to it, whatever kinds of features there are."""

from __future__ import annotations

from pathlib import Path

import catboost
import numpy as np
import pandas as pd
import pytest

from models.engine.contributions import contributions
from models.engine.protocol import EngineError


def columns(n: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(0)
    numbers = draw.normal(size=(2, n)).astype(np.float32)
    numbers[0, ::7] = np.nan
    return {"a": numbers[0], "b": numbers[1], "word": draw.choice(["x", "y", ""], n).astype(object)}


@pytest.mark.parametrize("loss", ["RMSE", "Logloss"])
def test_contributions_sum_to_the_raw_score(loss: str, tmp_path: Path) -> None:
    """To rounding; a column that no tree asks for adds nothing."""
    made = columns(500)
    label = (np.nan_to_num(made["a"]) + (made["word"] == "x") > 0.3).astype(float)
    used = pd.DataFrame({**made, "idle": np.zeros(500, np.float32)})
    model = catboost.CatBoost(
        {"loss_function": loss, "iterations": 20, "verbose": 0, "allow_writing_files": False}
    )
    model.fit(catboost.Pool(used, label, cat_features=["word"]))
    model.save_model(str(tmp_path / "model.cb"))
    found = contributions(tmp_path / "model.cb", {name: used[name].to_numpy() for name in used}, ["word"])
    raw = model.predict(used, prediction_type="RawFormulaVal")
    assert np.allclose(found.values.sum(axis=1) + found.base, raw, atol=1e-9)
    assert not found.values[:, 3].any()
    assert found.values[:, :3].any(axis=0).all()


def test_a_model_that_lacks_what_is_needed_is_a_sentence(tmp_path: Path) -> None:
    """Columns of another model."""
    made = columns(50)
    model = catboost.CatBoost({"iterations": 2, "verbose": 0, "allow_writing_files": False})
    model.fit(catboost.Pool(pd.DataFrame(made), np.arange(50.0), cat_features=["word"]))
    model.save_model(str(tmp_path / "model.cb"))
    with pytest.raises(EngineError, match="CatBoost can't tell what each feature adds"):
        contributions(tmp_path / "model.cb", {"a": made["a"]}, [])
