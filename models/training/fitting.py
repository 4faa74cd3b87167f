"""CatBoost fitted on a table's training part, and asked for scores as training has them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import catboost
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.declaration.declaration import Declaration
from models.declaration.refusal import DeclarationError
from models.features import Columns
from models.table.dataset import Rows, Table
from models.training.large_pool import large_pool

OnProgress = Callable[[int, int], None]
Floats = NDArray[np.float64]

# Up to 255 values, a category is compared, not counted: no statistics of the label are kept inside the model.
ONE_HOT = 255


@dataclass(frozen=True, eq=False)
class Fitted:
    """A CatBoost model and the table it was fitted on."""

    table: Table
    model: Any

    def scores(self, rows: Rows) -> Floats:
        """float64 (n): as `predict`, of rows of the table."""
        parts = [self.predict(self.table.features(part)) for part in self.table.blocks(rows)]
        return np.concatenate(parts)

    def predict(self, features: Columns) -> Floats:
        """float64 (n): the raw score for ranking, the probability of 1 for two classes."""
        kind = "RawFormulaVal" if self.table.declaration.ranks else "Probability"
        found = np.asarray(self.model.predict(_pool(self.table.declaration, features), prediction_type=kind))
        return np.ascontiguousarray(found if found.ndim == 1 else found[:, 1], dtype=np.float64)


def fit(table: Table, on_progress: OnProgress | None = None) -> Fitted:
    """Fit CatBoost on the table's training part.

    Raises:
        DeclarationError: CatBoost refuses the objective's or ranker.params' parameters.
    """
    own = table.declaration.ranker
    pool = _training_pool(table)
    try:
        model = catboost.CatBoost(_params(table.declaration))
        with nullcontext() if table.spool is None else table.spool.letting_go():
            model.fit(pool, callbacks=[_Progress(own.trees, on_progress)] if on_progress else None)
    except (catboost.CatBoostError, TypeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or [repr(error)])[-1]
        key, value = ("ranker.params", own.params) if own.params else ("ranker.objective", own.objective)
        raise DeclarationError(
            table.declaration.file, key, value, f"is refused by CatBoost: {reason}"
        ) from error
    return Fitted(table, model)


def _training_pool(table: Table) -> catboost.Pool:
    rows = np.flatnonzero(table.train)
    label, groups = table.label[rows], _groups(table, rows)
    if table.spool is None:
        pool = _pool(table.declaration, table.features(rows), label, groups)
    else:
        pool = large_pool(table, rows, label, groups, table.spool)
    if table.weight is not None:
        pool.set_weight(table.weight[rows])
    return pool


def _params(declaration: Declaration) -> dict[str, Any]:
    own = declaration.ranker
    return {
        "loss_function": own.objective,
        "iterations": own.trees,
        "depth": own.depth,
        "learning_rate": own.learning_rate,
        "random_seed": own.seed,
        "one_hot_max_size": ONE_HOT,
        "allow_writing_files": False,
        "logging_level": "Silent",
        **own.params,
    }


def _groups(table: Table, rows: Rows) -> Rows | None:
    return table.request[rows] if table.declaration.ranks else None


def _pool(
    declaration: Declaration, features: Columns, label: Floats | None = None, groups: Rows | None = None
) -> Any:
    categorical = list(declaration.spec.categorical)
    if categorical:
        return catboost.Pool(frame(features), label=label, group_id=groups, cat_features=categorical)
    matrix = np.empty((len(next(iter(features.values()))), len(features)), np.float32, order="F")
    for place, column in enumerate(features.values()):
        matrix[:, place] = column
    return catboost.Pool(matrix, label=label, group_id=groups, feature_names=list(features))


def frame(features: Columns) -> pd.DataFrame:
    """Features as CatBoost takes them: float32 and text columns in the model's order."""
    columns = {
        name: pd.Series(column, dtype=object) if column.dtype == object else np.ascontiguousarray(column)
        for name, column in features.items()
    }
    return pd.DataFrame(columns)


class _Progress:
    """CatBoost's callback after every tree."""

    def __init__(self, trees: int, report: OnProgress) -> None:
        self._trees, self._report = trees, report

    def after_iteration(self, info: Any) -> bool:
        self._report(int(info.iteration), self._trees)
        return True
