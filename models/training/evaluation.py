"""evaluation.json: how a version does on the time after its training, beside what needs none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.table.dataset import Floats, Rows, Table, starts_of
from models.training import makeup, ranking_metrics
from models.training.ranking_metrics import MetricEstimate

DEPTHS = (1, 3, 10)
MATURED = 0.99  # share of outcomes that are known after `matured_seconds`
SEARCHED = 3000  # requests of the training part on which the best single feature is looked for


def document(table: Table, scores: Floats) -> dict[str, Any]:
    """Every figure of the test part, for its rows' scores, ready for JSON."""
    rows = np.flatnonzero(table.test)
    found: dict[str, Any] = {"window": _window(table, rows), "training": makeup.training(table)}
    found["table"] = makeup.table(table)
    if table.time is not None and table.label_time is not None:
        taken = (table.label_time - table.time)[table.train]
        found["matured_seconds"] = float(np.quantile(taken, MATURED))
    if table.declaration.data.group is not None:
        found |= _ordering(table, rows, scores)
    if not table.declaration.ranks:
        label = table.label[rows]
        found["auc"] = asdict(ranking_metrics.auc_interval(label, scores))
        found["ece"] = ranking_metrics.ece(label, scores)
    return found | {"by": {name: _by(table, rows, scores, part) for name, part in _parts(table, rows)}}


def metrics(found: dict[str, Any]) -> dict[str, float]:
    """The figures to look at first, flat: ndcg_10, ndcg_10_low, …, auc, ece. What is not known is absent."""
    flat: dict[str, float] = {}
    for name in (*(f"{kind}_{k}" for kind in ("ndcg", "random_ndcg") for k in DEPTHS), "auc"):
        if name in found:
            flat |= {
                name: found[name]["value"],
                f"{name}_low": found[name]["low"],
                f"{name}_high": found[name]["high"],
            }
    if "best_feature" in found:
        flat["best_feature_ndcg_10"] = found["best_feature"]["ndcg_10"]["value"]
    if "ece" in found:
        flat["ece"] = found["ece"]
    return {name: value for name, value in flat.items() if np.isfinite(value)}


def _window(table: Table, rows: Rows) -> dict[str, Any]:
    window: dict[str, Any] = {"requests": len(table.requests_in(rows)), "rows": len(rows)}
    if table.time is not None:
        for name, moment in (("from", table.time[rows].min()), ("to", table.time[rows].max())):
            window[name] = datetime.fromtimestamp(float(moment), UTC).isoformat()
    return window


def _ndcg(table: Table, rows: Rows, scores: NDArray[np.generic], k: int) -> Floats:
    """By request, with the declared gain."""
    starts, gain = starts_of(table.request[rows]), table.declaration.data.gain
    return ranking_metrics.ndcg(table.label[rows], scores, starts, k, gain)


def _ordering(table: Table, rows: Rows, scores: Floats) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for k in DEPTHS:
        found[f"ndcg_{k}"] = asdict(ranking_metrics.bootstrap(_ndcg(table, rows, scores, k)))
        chance = _ndcg(table, rows, np.zeros(len(rows)), k)
        found[f"random_ndcg_{k}"] = asdict(ranking_metrics.bootstrap(chance))
    name, sign = _best_feature(table)
    alone = _ndcg(table, rows, _filled(sign * table.feature(name, rows).astype(np.float64)), 10)
    gained = _ndcg(table, rows, scores, 10) - alone
    found["best_feature"] = {
        "name": f"{'+' if sign > 0 else '−'}{name}",
        "ndcg_10": asdict(ranking_metrics.bootstrap(alone)),
        "gained": asdict(ranking_metrics.bootstrap(gained)),
    }
    return found


def _best_feature(table: Table) -> tuple[str, float]:
    """The numeric feature and the direction that order the training part best."""
    requests = table.requests_in(table.train)
    chosen = requests[:: max(1, len(requests) // SEARCHED)]
    rows = table.rows_of(np.flatnonzero(table.train), chosen)
    features = table.features(rows)
    spec = table.declaration.spec
    tried = [
        (
            float(np.nanmean(_ndcg(table, rows, _filled(sign * column), 10))),
            name,
            sign,
        )
        for name in (*spec.item_numeric, *spec.cross_names)
        for column in (features[name].astype(np.float64),)
        for sign in (1.0, -1.0)
    ]
    if not tried:
        return spec.names[0], 1.0
    _, name, sign = max(tried)
    return name, sign


def _filled(values: Floats) -> Floats:
    return np.where(np.isnan(values), -np.inf, values)  # missing goes last, whatever the direction


class _Part(NamedTuple):
    """Rows (n) by the number of their value among `values`, which are in order."""

    codes: Rows
    values: list[str]

    @classmethod
    def of(cls, texts: NDArray[np.object_]) -> _Part:
        codes, values = pd.factorize(texts, sort=True)
        return cls(codes, [str(value) for value in values])


def _parts(table: Table, rows: Rows) -> Iterator[tuple[str, _Part]]:
    """The values by which the test part is broken down: its months, and every declared slice."""
    if table.time is not None:
        yield "month", _months(table.time[rows])
    for name in table.declaration.data.slices:
        yield name, _Part.of(table.slice_of(name)[rows])


def _months(time: Floats) -> _Part:
    """By the month of each time (unix s)."""
    months = time.astype("datetime64[s]").astype("datetime64[M]")
    first = months.min()
    found, codes = np.unique((months - first).astype(np.int64), return_inverse=True)
    return _Part(codes, (first + found.astype("timedelta64[M]")).astype(str).tolist())


def _by(table: Table, rows: Rows, scores: Floats, part: _Part) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for code, value in enumerate(part.values):
        inside = part.codes == code
        found[value] = {
            name: asdict(figure) for name, figure in _figures(table, rows[inside], scores[inside])
        }
    return found


def _figures(table: Table, rows: Rows, scores: Floats) -> Iterator[tuple[str, MetricEstimate]]:
    label = table.label[rows]
    if table.declaration.data.group is not None:
        yield "ndcg_10", ranking_metrics.bootstrap(_ndcg(table, rows, scores, 10))
        yield (
            "random_ndcg_10",
            ranking_metrics.bootstrap(_ndcg(table, rows, np.zeros(len(rows)), 10)),
        )
    if not table.declaration.ranks and len(np.unique(label)) == 2:
        yield "auc", ranking_metrics.auc_interval(label, scores)
