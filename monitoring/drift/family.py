"""Columns that are looked at together: which rows are one block, and how far the two windows are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitoring.drift.bins import (
    Counts,
    block_counts,
    category_codes,
    numeric_codes,
    rank_distance,
    share_distance,
)
from monitoring.drift.blocks import alike
from monitoring.drift.columns import ColumnDrift, Columns, ComparedColumn, Frames, Kind
from monitoring.drift.limits import DIVISIONS, FOUR_OF_FIVE, Limits, divisions, limits
from monitoring.drift.series import DAY, LEAST_DAYS

LEAST = 0.05
"""A smaller distance is no drift, however sure: about a tenth of a standard deviation, or 5% of the rows."""
AMOUNT = "an amount"
"""The category of numbers that are no special value."""
LEAST_REQUESTS = (30, 30)
"""Requests that the reference and the current window must have, for requests to be blocks."""


@dataclass(frozen=True)
class Family:
    """Columns that are looked at together, over the same blocks."""

    frames: Frames
    keys: tuple[NDArray[np.int64], NDArray[np.int64]]
    block: str
    sizes: tuple[int, int]

    def judge(
        self, wanted: Sequence[ComparedColumn], alpha: float, rng: np.random.Generator
    ) -> list[ColumnDrift]:
        """Each column's distance, with limits that hold for all of `wanted` together."""
        actual = np.zeros((1, sum(self.sizes)), dtype=np.float32)
        actual[0, self.sizes[0] :] = 1
        by_chance = divisions(*self.sizes, rng)
        counts = [self._count(column) for column in wanted]
        pairs = list(zip(wanted, counts, strict=True))
        null = np.stack([_distance(column.kind, table, by_chance) for column, table in pairs], axis=1)
        value = np.array([_distance(column.kind, table, actual)[0] for column, table in pairs])
        found = limits(value, null, alpha, LEAST)
        return [self._column(column, float(value[k]), found, k, alpha) for k, column in enumerate(wanted)]

    def _count(self, column: ComparedColumn) -> Counts:
        """Bins come from both windows together, so that no division is told from another by them."""
        both = pd.concat([frame[column.of] for frame in self.frames], ignore_index=True)
        keys = np.concatenate(self.keys)
        if column.special:
            both, keys = _special(both, keys, column)
        if column.kind == "numeric":
            codes, bins = numeric_codes(pd.to_numeric(both).to_numpy(dtype=np.float64, na_value=np.nan))
        else:
            codes, bins = category_codes(both)
        return block_counts(keys, codes, (sum(self.sizes), bins))

    def _column(
        self, column: ComparedColumn, value: float, found: Limits, k: int, alpha: float
    ) -> ColumnDrift:
        reference, current = (float(frame[column.of].isna().mean()) for frame in self.frames)
        return ColumnDrift(
            column=column.name,
            role=column.role,
            kind=column.kind,
            statistic="rank distance" if column.kind == "numeric" else "share distance",
            value=value,
            limit=float(found.limit[k]),
            limit_source=self._source(found, k, alpha),
            p=float(found.p[k]),
            drifted=bool(value > found.limit[k]),
            seen=float(found.limit[k] + FOUR_OF_FIVE * found.deviation[k]),
            missing_reference=reference,
            missing_current=current,
        )

    def _source(self, found: Limits, k: int, alpha: float) -> str:
        columns = "1 column" if len(found.p) == 1 else f"the largest of {len(found.p)} columns"
        return (
            f"{found.mean[k]:.3f} on average over {DIVISIONS} random divisions of the {self.sizes[0]} + "
            f"{self.sizes[1]} {self.block}s, plus {found.beyond:.2f} standard deviations of "
            f"{found.deviation[k]:.4f} ({1 - alpha:.4g} quantile of {columns}); at least {LEAST}"
        )


def _special(
    values: pd.Series[Any], keys: NDArray[np.int64], column: ComparedColumn
) -> tuple[pd.Series[Any], NDArray[np.int64]]:
    """Numbers without those that are special; or, as categories, which of the special ones each is."""
    taken = apart(values, column.kind, column.special)
    if column.kind == "numeric":
        return taken, keys[values.index.isin(taken.index)]
    return taken, keys


def apart(values: pd.Series[Any], kind: Kind, special: Sequence[float]) -> pd.Series[Any]:
    """Numbers without those that are special; or, as categories, which of the special ones each row has."""
    found = pd.to_numeric(values).isin([*special, *np.asarray(special, np.float32).tolist()])
    return values[~found] if kind == "numeric" else values.where(found, AMOUNT).astype(str)


def family_of(frames: Frames, columns: Columns, rng: np.random.Generator) -> Family | None:
    """Days where there are enough of them, else requests; None where there are too few of those too."""
    frames = alike(frames, columns, rng)
    days = _daily(_evened(frames, columns, rng), columns)
    if days.sizes[0] >= LEAST_DAYS[0] and days.sizes[1] >= LEAST_DAYS[1]:
        return days
    requests = _blocked(frames, "request", tuple(frame[columns.request].to_numpy() for frame in frames))
    enough = requests.sizes[0] >= LEAST_REQUESTS[0] and requests.sizes[1] >= LEAST_REQUESTS[1]
    return requests if enough else None


def _daily(frames: Frames, columns: Columns) -> Family:
    times = (frame[columns.time].to_numpy(dtype=np.float64) for frame in frames)
    return _blocked(frames, "day", tuple(np.floor(time / DAY) for time in times))


def _blocked(frames: Frames, block: str, keys: tuple[NDArray[Any], ...]) -> Family:
    (first, names), (second, others) = (pd.factorize(key) for key in keys)
    numbers = (first.astype(np.int64), second.astype(np.int64) + len(names))
    return Family(frames, numbers, block, (len(names), len(others)))


def _evened(frames: Frames, columns: Columns, rng: np.random.Generator) -> Frames:
    """As many requests per day in both: a day of few requests is noisier, so not exchangeable."""
    rates = [
        frame[columns.request].nunique() / max(frame[columns.time].floordiv(DAY).nunique(), 1)
        for frame in frames
    ]
    shares = [min(rates) / max(rate, 1e-9) for rate in rates]
    reference, current = (
        sample(frame, columns.request, share, rng) for frame, share in zip(frames, shares, strict=True)
    )
    return reference, current


def _distance(kind: Kind, counts: Counts, division: NDArray[np.float32]) -> NDArray[np.float64]:
    current = division @ counts
    reference = counts.sum(axis=0, keepdims=True) - current
    of = rank_distance if kind == "numeric" else share_distance
    return of(reference, current)


def sample(frame: pd.DataFrame, request: str, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Whole requests, `share` of them."""
    if share >= 1 or frame.empty:
        return frame
    keys = frame[request].unique()
    return frame[frame[request].isin(rng.choice(keys, max(1, int(len(keys) * share)), replace=False))]
