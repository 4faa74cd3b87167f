"""A column of some hours as a sketch that adds up: over hours, days and hosts, without keeping rows.

Numbers are a KLL sketch (`monitoring.guard.sketch`), categories are counts of the most frequent ones and of
all others together. What is missing is counted in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from monitoring.drift.bins import MOST_CATEGORIES, MOST_POINTS, Counts
from monitoring.drift.columns import Kind
from monitoring.guard.sketch import ScoreSketch

MOST_NAMES = 256
"""Categories that a sketch counts by name; what a column of a million values costs is bounded by it."""
LONGEST_NAME = 200
"""Characters of a category that are kept."""


@dataclass
class ColumnSketch:
    """What a column's values were: numbers as a distribution or categories as counts, and what was missing.

    Sketches of numbers merge in any order with the same number of values and ranks within their error; of
    categories exactly while there are at most `MOST_NAMES`, beyond that the rarest ones become `other`.
    """

    kind: Kind
    numbers: ScoreSketch = field(default_factory=ScoreSketch)
    names: Counter[str] = field(default_factory=Counter)
    other: int = 0
    missing: int = 0

    @property
    def count(self) -> int:
        """Values seen, missing ones among them."""
        return self.numbers.count + self.names.total() + self.other + self.missing

    def update(self, values: pd.Series[Any]) -> None:
        """Take values. What is no finite number, or None in a column of categories, is missing."""
        if self.kind == "numeric":
            self.numbers.update(pd.to_numeric(values).to_numpy(dtype=np.float64, na_value=np.nan))
            return
        self.missing += int(values.isna().sum())
        found = values.dropna().astype(str).str.slice(0, LONGEST_NAME).value_counts()
        self.names.update({str(name): int(count) for name, count in found.items()})
        self._bound()

    def merge(self, other: ColumnSketch) -> None:
        """Become the sketch of what both have seen; `other` stays as it is."""
        if other.kind != self.kind:
            raise ValueError(f"a {other.kind} column can't be merged into a {self.kind} one")
        self.numbers.merge(other.numbers)
        self.names.update(other.names)
        self.other += other.other
        self.missing += other.missing
        self._bound()

    def to_bytes(self) -> bytes:
        """A form that any machine reads; `from_bytes` takes it back."""
        numbers = self.numbers.to_bytes() if self.kind == "numeric" else b""
        return msgspec.msgpack.encode((self.kind, numbers, dict(self.names), self.other, self.missing))

    @classmethod
    def from_bytes(cls, saved: bytes) -> ColumnSketch:
        """The sketch that `to_bytes` saved. Raises msgspec.DecodeError or SketchError where it is none."""
        kind, numbers, names, other, missing = msgspec.msgpack.decode(
            saved, type=tuple[Kind, bytes, dict[str, int], int, int]
        )
        held = ScoreSketch.from_bytes(numbers) if numbers else ScoreSketch()
        return cls(kind, held, Counter(names), other, missing)

    def _bound(self) -> None:
        if len(self.names) > MOST_NAMES:
            kept = sorted(self.names.items(), key=lambda pair: (-pair[1], pair[0]))
            self.other += sum(count for _, count in kept[MOST_NAMES:])
            self.names = Counter(dict(kept[:MOST_NAMES]))


def merged(sketches: Sequence[ColumnSketch]) -> ColumnSketch:
    """One sketch of what all of them, at least one, have seen; they stay as they are."""
    total = ColumnSketch(sketches[0].kind)
    for each in sketches:
        total.merge(each)
    return total


def counted(days: Sequence[ColumnSketch]) -> Counts:
    """(days, bins) counts as `bins` has them, over bins that come from all days together."""
    total = merged(days)
    if total.kind == "categorical":
        names = [name for name, _ in total.names.most_common(MOST_CATEGORIES)]
        known = [[day.names[name] for name in names] for day in days]
        rest = [day.count - day.missing - sum(row) for day, row in zip(days, known, strict=True)]
        table = [[*row, left, day.missing] for row, left, day in zip(known, rest, days, strict=True)]
        return np.array(table, dtype=np.float32)
    if total.numbers.finite == 0:
        return np.array([[0, day.count] for day in days], dtype=np.float32)
    points = np.unique(total.numbers.quantiles(np.linspace(0, 1, MOST_POINTS).tolist())).tolist()
    return np.stack([_numbers(day.numbers, points) for day in days]).astype(np.float32)


def _numbers(sketch: ScoreSketch, points: Sequence[float]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Values below the first point, at it, between it and the second, …, beyond the last one, missing."""
    below, within = sketch.counts_below(points), sketch.counts_below(points, inclusive=True)
    edges = np.concatenate([[0.0], np.stack([below, within], axis=1).ravel(), [float(sketch.finite)]])
    return np.concatenate([np.diff(edges), [float(sketch.not_finite)]])
