"""Do the data that are served differ from those of training? Column by column, with limits from the data.

The limit of a column comes from the data's own noise: all blocks of both windows (days, or requests where
there are few days) are divided anew at random, a thousand times, at the sizes they have, and the statistic is
taken each time. That is exact where blocks are exchangeable, whatever the sample size. The limit also takes
the number of columns into account (`limits`): when nothing differs, a share `alpha` of the reports names any
column at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from monitoring.drift.columns import ColumnDrift, Columns, ComparedColumn, Drift, Frames
from monitoring.drift.family import LEAST_REQUESTS, family_of, sample
from monitoring.drift.outcomes import compare_outcomes
from monitoring.drift.series import Series

__all__ = ["ALPHA", "ColumnDrift", "Columns", "Drift", "compare"]

ALPHA = 0.01
MOST_ROWS = 50_000


def compare(  # noqa: PLR0913, PLR0917 - two windows, what they hold, and how sure to be
    reference: pd.DataFrame,
    current: pd.DataFrame,
    columns: Columns,
    alpha: float = ALPHA,
    seed: int = 0,
    series: Sequence[Series] = (),
) -> Drift:
    """Compare two windows, one row per request and item. Missing values are NaN or None, and count.

    Rows without a label yet are left out for the label only, and rows without a prediction (a sample of the
    training window) for the prediction only. More than `MOST_ROWS` rows are sampled by whole
    requests. `series` are the quantities of outcomes that are looked at as well, with an alpha of their own.
    Raises ValueError naming a column that a frame lacks.

    >>> draw = np.random.default_rng(0)
    >>> def requests(count: int, price: float) -> pd.DataFrame:
    ...     return pd.DataFrame({
    ...         "request_id": np.arange(count), "time": 3600.0 * np.arange(count),
    ...         "price": draw.normal(price, 1.0, count), "shop": draw.choice(["north", "south"], count),
    ...     })
    >>> found = compare(requests(400, 10.0), requests(400, 12.0), Columns(["price"], ["shop"]))
    >>> [column.column for column in found.drifted]
    ['price']
    >>> compare(requests(400, 10.0), requests(20, 10.0), Columns(["price"])).too_little[0]
    'price: too little data to say: 400 requests in the reference and 20 in the current window, where 30 ...'
    """
    wanted = _wanted(columns)
    _require(reference, current, [each.of for each in wanted] + [columns.request, columns.time])
    rng = np.random.default_rng(seed)
    reference, current = (
        sample(frame, columns.request, MOST_ROWS / max(len(frame), 1), rng) for frame in (reference, current)
    )
    frames = (reference, current)
    found: list[ColumnDrift] = []
    reasons: list[str] = []
    block, blocks = "none", (0, 0)
    for group, of_group in _groups(wanted, frames):
        family = family_of(of_group, columns, rng)
        if family is None:
            reasons.append(f"{_named(group)}: {_too_little(of_group, columns)}")
            continue
        found += family.judge(group, alpha * len(group) / len(wanted), rng)
        if block == "none":
            block, blocks = family.block, family.sizes
    outcomes, lacking = compare_outcomes(series, alpha, rng)
    rows = (len(reference), len(current))
    return Drift(tuple(found), (*reasons, *lacking), block, blocks, rows, alpha, outcomes)


def _groups(wanted: Sequence[ComparedColumn], frames: Frames) -> list[tuple[list[ComparedColumn], Frames]]:
    """Features are looked at together; prediction and label have rows of their own, those that have one."""
    groups = [([each for each in wanted if each.role == "feature"], frames)]
    groups += [([each], _with(frames, each.of)) for each in wanted if each.role != "feature"]
    return [(group, of_group) for group, of_group in groups if group]


def _with(frames: Frames, name: str) -> Frames:
    reference, current = (frame[frame[name].notna()] for frame in frames)
    return reference, current


def _named(group: Sequence[ComparedColumn]) -> str:
    return "features" if len(group) > 1 else group[0].name


def _wanted(columns: Columns) -> list[ComparedColumn]:
    special = {name: tuple(columns.special.get(name, ())) for name in columns.numeric}
    wanted = [ComparedColumn(name, "feature", "numeric", name, special[name]) for name in columns.numeric]
    wanted += [ComparedColumn(name, "feature", "categorical", name) for name in columns.categorical]
    wanted += [
        ComparedColumn(f"{name}, special", "feature", "categorical", name, values)
        for name, values in special.items()
        if values
    ]
    if columns.prediction is not None:
        wanted.append(ComparedColumn(columns.prediction, "prediction", "numeric", columns.prediction))
    if columns.label is not None:
        wanted.append(ComparedColumn(columns.label, "label", "numeric", columns.label))
    return wanted


def _require(reference: pd.DataFrame, current: pd.DataFrame, names: Sequence[str]) -> None:
    for frame, which in ((reference, "reference"), (current, "current")):
        lacking = [name for name in names if name not in frame.columns]
        if lacking:
            raise ValueError(f"the {which} window has no column {', '.join(lacking)}")


def _too_little(frames: Frames, columns: Columns) -> str:
    requests = tuple(frame[columns.request].nunique() for frame in frames)
    return (
        f"too little data to say: {requests[0]} requests in the reference and {requests[1]} in the current "
        f"window, where {LEAST_REQUESTS[0]} and {LEAST_REQUESTS[1]} are needed"
    )
