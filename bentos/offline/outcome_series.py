"""What came of decisions, over time: how often, how far from the scores, how well ordered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.typing import DataFrameGroupBy

from models.declaration.declaration import Declaration
from models.declaration.sections import CLASSIFICATION
from models.training.ranking_metrics import ndcg
from monitoring.drift.series import Series

RUN = 50
"""Single rows that follow one another in time are looked at together, for pairs of a good and a bad one."""
SHARE_OF_DEVIATION = 0.05
LEAST_QUALITY = 0.01
"""Smaller differences are no drift: of a mean, in its standard deviations; of AUC or NDCG, as they are."""


def outcome_series(reference: pd.DataFrame, current: pd.DataFrame, declaration: Declaration) -> list[Series]:
    """The quantities that outcomes allow: their mean; mean less scores (probabilities); AUC or NDCG@10.

    Both frames have `request_id`, `time` (unix s), `label` and `score`; rows without a label say nothing.
    Blocks are days where there are enough of them, else requests, or runs of rows where training has none.
    """
    known = [_blocked(frame[frame["label"].notna()], declaration) for frame in (reference, current)]
    rows = pd.concat([frame.assign(current=k == 1) for k, frame in enumerate(known)], ignore_index=True)
    if rows.empty:
        return []
    rows["block"] = pd.factorize(rows["block"].astype(str) + rows["current"].astype(str))[0]
    scored = rows[rows["score"].notna()]
    least = SHARE_OF_DEVIATION * float(rows["label"].std(ddof=0))
    found = [_mean_of("outcomes", rows, rows["label"], least)]
    classes = declaration.ranker.loss in CLASSIFICATION
    if classes:
        found.append(_mean_of("outcomes less scores", scored, scored["label"] - scored["score"], least))
    found.append(_auc(scored) if classes else _ndcg(scored, declaration))
    return [each.by_day() for each in found]


def _blocked(frame: pd.DataFrame, declaration: Declaration) -> pd.DataFrame:
    """With a column `block`: the request, or a run of rows."""
    if declaration.data.group is not None:
        return frame.assign(block=frame["request_id"].astype(str))
    ordered = frame.sort_values("time", kind="stable")
    return ordered.assign(block=(np.arange(len(ordered)) // RUN).astype(str))


def _mean_of(name: str, rows: pd.DataFrame, values: pd.Series, least: float) -> Series:
    by = pd.DataFrame({"sum": values, "weight": 1.0, "time": rows["time"], "current": rows["current"]})
    return _series(name, by.groupby(rows["block"]), least)


def _auc(rows: pd.DataFrame) -> Series:
    """By block, the pairs that are in order, ties counted half, of all pairs of a good and a bad row."""
    rank = rows.groupby("block")["score"].rank()
    good = (rows["label"] > 0).astype(float)
    by = pd.DataFrame({"rank": rank * good, "good": good, "n": 1.0}).groupby(rows["block"]).sum()
    pairs = by["good"] * (by["n"] - by["good"])
    right = by["rank"] - by["good"] * (by["good"] + 1) / 2
    return _ratio("AUC", rows, right, pairs)


def _ndcg(rows: pd.DataFrame, declaration: Declaration) -> Series:
    ordered = rows.sort_values("block", kind="stable")
    blocks, starts = np.unique(ordered["block"].to_numpy(), return_index=True)
    places = np.append(starts, len(ordered)).astype(np.int64)
    label, score = (ordered[name].to_numpy(dtype=np.float64) for name in ("label", "score"))
    value = ndcg(label, score, places, 10, declaration.data.gain)
    known = ~np.isnan(value)
    sums, weights = (pd.Series(each, index=blocks) for each in (np.where(known, value, 0.0), known * 1.0))
    return _ratio("NDCG@10", rows, sums, weights)


def _ratio(name: str, rows: pd.DataFrame, sums: pd.Series, weights: pd.Series) -> Series:
    of = rows.groupby("block").agg(time=("time", "min"), current=("current", "first"))
    table = of.assign(sum=sums, weight=weights)
    return _series(name, table.groupby(table.index), LEAST_QUALITY)


def _series(name: str, grouped: DataFrameGroupBy[Any, Any], least: float) -> Series:
    table = grouped.agg({"sum": "sum", "weight": "sum", "time": "min", "current": "first"})
    sums, weights, time = (table[each].to_numpy(dtype=np.float64) for each in ("sum", "weight", "time"))
    return Series(name, time, sums, weights, table["current"].to_numpy(dtype=bool), least)
