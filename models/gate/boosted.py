"""Boosted trees beside the ridge regressions of `fits`: what columns tell only together is seen by them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from models.gate.fits import FOLDS
from models.gate.labelled import LabelledRows
from models.gate.stats import Floats


@lru_cache(maxsize=4)
def told_by_trees(rows: LabelledRows, names: tuple[str, ...]) -> Floats:
    """Each row predicted by boosted trees on some columns, fitted on the other folds; centred."""
    import catboost

    columns = [rows.features[name] for name in names]
    words = [place for place, column in enumerate(columns) if column.dtype == object]
    table = [[*row] for row in zip(*(column.tolist() for column in columns), strict=True)]
    found = np.zeros(len(rows.label))
    for fold in range(FOLDS):
        inside = rows.tenth % FOLDS == fold
        pools = [
            catboost.Pool(
                [table[row] for row in np.flatnonzero(part)], label=rows.outcome[part], cat_features=words
            )
            for part in (~inside, inside)
        ]
        model = catboost.CatBoostRegressor(
            iterations=60,
            depth=4,
            learning_rate=0.1,
            one_hot_max_size=255,
            allow_writing_files=False,
            logging_level="Silent",
            random_seed=0,
        )
        found[inside] = model.fit(pools[0]).predict(pools[1])
    return rows.centred(found)
