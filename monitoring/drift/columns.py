"""The values of a drift comparison: what is compared, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

Frames = tuple[pd.DataFrame, pd.DataFrame]
Kind = Literal["numeric", "categorical"]
Role = Literal["feature", "prediction", "label"]


@dataclass(frozen=True)
class Columns:
    """What the columns of both frames are. `request` and `time` (unix s) say which rows belong together."""

    numeric: Sequence[str]
    categorical: Sequence[str] = ()
    prediction: str | None = None
    label: str | None = None
    request: str = "request_id"
    time: str = "time"


@dataclass(frozen=True)
class ColumnDrift:
    """One column's distance, its limit, and whether it is beyond it."""

    column: str
    role: Role
    kind: Kind
    statistic: str
    value: float
    limit: float
    limit_source: str
    p: float
    drifted: bool
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

    @property
    def drifted(self) -> list[ColumnDrift]:
        """The columns beyond their limit, the farthest beyond first."""
        found = [column for column in self.columns if column.drifted]
        return sorted(found, key=lambda column: column.limit / max(column.value, 1e-12))

    def to_json(self) -> dict[str, Any]:
        """Plain values, ready for any encoder."""
        return asdict(self)


@dataclass(frozen=True)
class ComparedColumn:
    """A column that is to be compared, and how."""

    name: str
    role: Role
    kind: Kind
