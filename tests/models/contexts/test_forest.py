"""A forest as arrays gives what CatBoost gives, and finds what is made up."""

from __future__ import annotations

import numpy as np
import pytest

from models.contexts.forest import PlainForest, fit


@pytest.fixture(scope="module")
def fitted() -> tuple[PlainForest, np.ndarray, np.ndarray]:
    """Two columns that go together, and the same columns apart; a tenth missing."""
    draw = np.random.default_rng(3)
    x = draw.normal(size=800)
    real = np.column_stack([x, x + draw.normal(0, 0.2, 800)])
    real[draw.random(real.shape) < 0.1] = np.nan
    apart = np.column_stack([real[:, 0], draw.permutation(real[:, 1])])
    return fit(real, apart), real, apart


def test_log_odds_tell_real_rows_from_made_up_ones(
    fitted: tuple[PlainForest, np.ndarray, np.ndarray],
) -> None:
    forest, real, apart = fitted
    assert forest.log_odds(real).mean() > 0.5 > -0.5 > forest.log_odds(apart).mean()
    assert forest.log_odds(real[:0]).shape == (0,)


def test_it_is_the_model_that_catboost_fitted(
    fitted: tuple[PlainForest, np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Number for number, missing values too; the leaves are summed in another order."""
    import catboost

    forest, real, apart = fitted
    kept: list[catboost.CatBoostClassifier] = []

    class Kept(catboost.CatBoostClassifier):  # type: ignore[misc]
        def __init__(self, **params: object) -> None:
            super().__init__(**params)
            kept.append(self)

    monkeypatch.setattr(catboost, "CatBoostClassifier", Kept)
    again = fit(real, apart)
    theirs = kept[0].predict(real.astype(np.float32), prediction_type="RawFormulaVal")
    assert again.log_odds(real) == pytest.approx(theirs, abs=1e-9)
    assert again.log_odds(real) == pytest.approx(forest.log_odds(real), abs=1e-9)


def test_arrays_are_the_whole_of_it(fitted: tuple[PlainForest, np.ndarray, np.ndarray]) -> None:
    forest, real, _ = fitted
    same = PlainForest.of_arrays(forest.arrays())
    assert same.log_odds(real).tolist() == forest.log_odds(real).tolist()
    with pytest.raises(KeyError):
        PlainForest.of_arrays({})
