"""What each feature adds to a score: CatBoost's SHAP values (Lundberg et al. 2018, arXiv 1802.03888)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import catboost
import numpy as np
import pandas
from numpy.typing import NDArray

from models.engine.catboost_engine import open_model
from models.engine.protocol import Columns, EngineError


class Contributions(NamedTuple):
    """`values` float64 (n, features) in the model's order; with `base` a row's sum is its raw score."""

    values: NDArray[np.float64]
    base: float


def contributions(model: Path, columns: Columns, categorical: Sequence[str]) -> Contributions:
    """Of the rows of `columns`, the model's columns in its order, in the unit of its raw score.

    `model` is a file of CatBoost, which was proven before.

    Raises EngineError where the model lacks what SHAP values need (a model that was cut or merged).
    """

    pool = catboost.Pool(pandas.DataFrame(dict(columns)), cat_features=list(categorical))
    try:
        found = np.asarray(open_model(model).get_feature_importance(pool, type="ShapValues"), np.float64)
    except catboost.CatBoostError as error:
        raise EngineError(f"CatBoost can't tell what each feature adds: {error}") from error
    return Contributions(found[:, :-1], float(found[0, -1]) if len(found) else 0.0)
