"""CatBoost's input for a table that outgrows memory: filled block by block in a file, read without a copy."""

from __future__ import annotations

import catboost
import pandas as pd

from models.table.dataset import Floats, Rows, Spool, Table


def large_pool(table: Table, rows: Rows, label: Floats, groups: Rows | None, spool: Spool) -> catboost.Pool:
    """Some rows with labels and groups, as a pool made in memory; `spool` takes 4 bytes of disk a value."""
    spec = table.declaration.spec
    categorical = set(spec.categorical)
    numeric = [name for name in spec.names if name not in categorical]
    matrix = spool.matrix(len(rows), len(numeric))
    done = 0
    for part in table.blocks(rows):
        found = table.features(part)
        for place, name in enumerate(numeric):
            matrix.fill(place, done, found[name])
        done += len(part)
    values = matrix.array()
    if not categorical:
        return catboost.Pool(values, label=label, group_id=groups, feature_names=numeric)
    columns = {
        name: _category(table, name, rows)
        if name in categorical
        else pd.Series(values[:, numeric.index(name)], copy=False)
        for name in spec.names
    }
    frame = pd.DataFrame(columns, copy=False)
    return catboost.Pool(frame, label=label, group_id=groups, cat_features=list(spec.categorical))


def _category(table: Table, name: str, rows: Rows) -> pd.Series:
    column = table.values.coded(name)
    words = pd.Index(column.words, dtype=object)
    return pd.Series(pd.Categorical.from_codes(column.codes[rows], categories=words))
