"""The values of a drift comparison: what is compared, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pandas as pd

from monitoring.drift.outcomes import OutcomeDrift

Frames = tuple[pd.DataFrame, pd.DataFrame]
Kind = Literal["numeric", "categorical"]
Role = Literal["feature", "prediction", "label"]


@dataclass(frozen=True)
class Columns:
    """What the columns of both frames are. `request` and `time` (unix s) say which rows belong together.

    `grouped` is False where training has single rows and no requests. `special` has numbers of a column that
    are no amounts, such as -9 for "no record": distances leave them out, and which share of the rows has
    which is compared as a column of its own.
    """

    numeric: Sequence[str]
    categorical: Sequence[str] = ()
    prediction: str | None = None
    label: str | None = None
    request: str = "request_id"
    time: str = "time"
    grouped: bool = True
    special: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnDrift:
    """One column's distance, its limit, and whether it is beyond it; `seen` is found four times of five."""

    column: str
    role: Role
    kind: Kind
    statistic: str
    value: float
    limit: float
    limit_source: str
    p: float
    drifted: bool
    seen: float
    missing_reference: float
    missing_current: float


@dataclass(frozen=True)
class Drift:
    """What a comparison found. `too_little` says why there is no answer, for all of it or for the label."""

    columns: tuple[ColumnDrift, ...]
    too_little: tuple[str, ...]
    block: str
    blocks: tuple[int, int]
    rows: tuple[int, int]
    alpha: float
    outcomes: tuple[OutcomeDrift, ...] = ()

    @property
    def drifted(self) -> list[ColumnDrift]:
        """The columns beyond their limit, the farthest beyond first."""
        found = [column for column in self.columns if column.drifted]
        return sorted(found, key=lambda column: column.limit / max(column.value, 1e-12))

    @property
    def moved(self) -> list[OutcomeDrift]:
        """The quantities of outcomes that differ or have changed, those with a date first."""
        found = [outcome for outcome in self.outcomes if outcome.drifted]
        return sorted(found, key=lambda outcome: outcome.change is None)

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for any encoder."""
        return asdict(self)


@dataclass(frozen=True)
class ComparedColumn:
    """A column that is to be compared, and how: `of` is the frames' column, `special` its special values.

    Of a number they are left out; of categories, they are the categories.
    """

    name: str
    role: Role
    kind: Kind
    of: str
    special: tuple[float, ...] = ()
