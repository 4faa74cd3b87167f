"""Categories in another spelling than the model's are held, with both; the model's own pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest

from models.gate.spelling import spelling, spellings
from models.gate.verdict import Result

DRAW = np.random.default_rng(4)
TOWNS = pd.DataFrame({
    "town": DRAW.choice([str(number) for number in range(30)], 3000),
    "age": DRAW.random(3000).astype(np.float32),
})  # fmt: skip


def fitted(one_hot: int) -> Any:
    """A model of towns 0 to 29, which asks for their values (255) or counts them (2)."""
    label = TOWNS["town"].astype(int) % 3 + TOWNS["age"]
    given = {"iterations": 20, "depth": 3, "one_hot_max_size": one_hot, "allow_writing_files": False}
    pool = catboost.Pool(TOWNS, label, cat_features=["town"])
    return catboost.CatBoost(given).fit(pool, verbose=False)


MODELS = {one_hot: fitted(one_hot) for one_hot in (255, 2)}


def judged(model: Any, towns: pd.Series) -> Any:
    """The one check of a version whose reference window has these towns."""
    declared = SimpleNamespace(categorical=("town",), feature_names=("town", "age"))
    columns = {"town": towns.to_numpy(object)}
    subject: Any = SimpleNamespace(model=model, declared=declared, columns=columns)
    found = list(spelling(subject))
    return found[0] if found else None


@pytest.mark.parametrize("one_hot", MODELS)
def test_the_models_own_spelling_passes(one_hot: int) -> None:
    found = judged(MODELS[one_hot], TOWNS["town"])
    assert found.result is Result.PASS, found.sentence
    assert found.figure > 0.3
    assert judged(MODELS[one_hot], pd.Series([*["7"] * 60, *["3"] * 30, *["new"] * 10])).result is Result.PASS


@pytest.mark.parametrize("one_hot", MODELS)
@pytest.mark.parametrize(
    ("other", "shown"), [("t{}", "the model '"), ("{}.0", "the model '"), ("x-{}-y", "none of")]
)
def test_another_spelling_is_held_with_both(one_hot: int, other: str, shown: str) -> None:
    found = judged(MODELS[one_hot], TOWNS["town"].map(other.format))
    assert found.result is Result.HOLD
    assert found.figure == 0
    assert found.sentence.startswith("the model knows the town of 0% of the rows: the table has '")
    assert shown in found.sentence


def test_where_all_values_are_counted_a_tenth_of_the_rows_must_be_known() -> None:
    mixed = pd.Series([*["7"] * 8, *["t5"] * 92])
    found = judged(MODELS[2], mixed)
    assert found.result is Result.HOLD
    assert "the town of 8% of the rows: the table has 't5', " in found.sentence
    assert found.sentence.endswith("the model '5' for 't5'")


def test_a_category_that_the_model_does_not_ask_for_is_not_judged() -> None:
    pool = catboost.Pool(TOWNS, TOWNS["age"], cat_features=["town"])
    given = {"iterations": 3, "one_hot_max_size": 255, "allow_writing_files": False, "ignored_features": [0]}
    model = catboost.CatBoost(given).fit(pool, verbose=False)
    assert judged(model, TOWNS["town"]) is None


def test_spellings_are_others() -> None:
    for value in ("t5", "5.0", "007", "New York", "é"):
        assert value not in spellings(value)
        assert "" not in spellings(value)
