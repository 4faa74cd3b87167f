"""What a version carries to prove itself: its birth certificate, and a sample of what it was evaluated on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.features import Columns, columns, load_cross, parse_context
from models.package import Certificate, RawRequest
from models.table.dataset import Rows, Table
from models.table.requests import context_of

Floats = NDArray[np.float64]
Predict = Callable[[Columns], Floats]

CERTIFIED = 300  # requests
MOST_ITEMS = 40  # of one certified request: a wrong feature shows in a few, and the file stays below 2 MB
REFERENCE_REQUESTS, REFERENCE_ROWS = 500, 5000
TRAINING_ROWS = (2000, 20_000)  # requests, rows: drift is told by days, and wants some requests of each


def certificate(table: Table, predict: Predict) -> Certificate:
    """Some hundred raw requests of the whole table, edge cases too, for the serving path to reproduce.

    Item features are the catalogue's (an item's latest row), context is the request's own. One in five
    requests lacks a field, one in twenty the whole context.
    """
    draw = np.random.default_rng(table.declaration.ranker.seed)
    chosen = _covering(table, draw)
    requests, parts = [], []
    for number, request in enumerate(chosen.tolist()):
        rows = _latest_rows(table, request)
        context = _spoiled(context_of(table, int(table.starts[request])), number, draw)
        items = table.items[rows].tolist()
        requests.append(RawRequest(tuple(items), context))
        parts.append(_features(table, rows, context))
    starts = np.cumsum([0, *(len(one.items) for one in requests)]).astype(np.int64)
    names = table.declaration.spec.names
    features = {name: np.concatenate([part[name] for part in parts]) for name in names}
    # Scored request by request, as serving does.
    scores = np.concatenate([predict(part) for part in parts])
    return Certificate(requests, starts, features, scores)


def _covering(table: Table, draw: np.random.Generator) -> Rows:
    """Requests that see every slice value and the rarest value of every category, filled up at random."""
    first: list[int] = []
    for name in (*table.declaration.data.slices, *table.declaration.categorical):
        column = table.slice_of(name).astype(str)
        values, where, counts = np.unique(column, return_index=True, return_counts=True)
        rare = np.argsort(counts, kind="stable")[: max(3, min(len(values), 20))]
        first += table.request[where[rare]].tolist()
    covering = list(dict.fromkeys(first))[: CERTIFIED // 2]
    others = np.delete(np.arange(len(table.keys)), covering)
    filling = draw.choice(others, min(len(others), CERTIFIED - len(covering)), replace=False)
    return np.concatenate([np.array(covering, dtype=np.int64), filling.astype(np.int64)])


def _latest_rows(table: Table, request: int) -> Rows:
    """The catalogue's rows for a request's items."""
    low, high = table.starts[request : request + 2].tolist()
    return table.latest_of[low:high][:MOST_ITEMS]


def _spoiled(
    context: dict[str, float | str | None], number: int, draw: np.random.Generator
) -> dict[str, float | str | None]:
    if not context or number % 5:
        return context
    if number % 20 == 0:
        return {}
    lost = str(draw.choice(list(context)))
    return context | {lost: None} if number % 2 else {name: context[name] for name in context if name != lost}


def _features(table: Table, rows: Rows, context: dict[str, float | str | None]) -> Columns:
    spec = table.declaration.spec
    numeric = np.array([table.values.at(name, rows) for name in spec.item_numeric], dtype=np.float32)
    categorical = [table.values.at(name, rows) for name in spec.item_categorical]
    cross = load_cross(table.declaration.features.cross)
    parsed = parse_context(spec, context)
    return columns(spec, numeric.reshape(len(spec.item_numeric), len(rows)), categorical, parsed, cross)


def reference(
    table: Table, rows: Rows, scores: Floats, most: tuple[int, int] = (REFERENCE_REQUESTS, REFERENCE_ROWS)
) -> pd.DataFrame:
    """request, item, time, label, features, score: whole requests of `rows`, `most` (requests, rows)."""
    kept = _sampled(table, rows, *most)
    place = np.searchsorted(rows, kept)
    frame = {
        "request": table.keys[table.request[kept]].astype(str),
        "item": table.items[kept],
        "time": np.full(len(kept), np.nan) if table.time is None else table.time[kept],
        "label": table.label[kept],
        **table.features(kept),
        "score": scores[place],
    }
    return pd.DataFrame(frame)


def _sampled(table: Table, rows: Rows, most_requests: int, most_rows: int) -> Rows:
    requests = table.requests_in(rows)
    shuffled = np.random.default_rng(0).permutation(requests)
    sizes = np.diff(table.starts)[shuffled].cumsum()
    limit = most_requests if table.declaration.data.group is not None else most_rows
    enough = max(1, min(limit, int(np.searchsorted(sizes, most_rows, side="right"))))
    return table.rows_of(rows, shuffled[:enough])
