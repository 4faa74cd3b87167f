"""Units as they were in each part of a time: of the calendar, or since each was first seen.

Every unit is one observation with columns for each part, so that what it does in several parts is known to
be the same unit's. TimeParts of the time since a unit was first seen count only for units that have been
observed for all of the part: otherwise late units, who differ, would be missing from the later parts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Literal

from experiments.analysis.moments import Moments, moments_by
from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import Table, connection_of, fetched, kept
from experiments.analysis.units import is_sum
from monitoring.dates import to_day

Clock = Literal["calendar", "since first seen"]
PARTS = 10
"""TimeParts of the time at most."""
DAY = 86_400.0
SECONDS = (1e8, 1e11)
"""Numbers between these are taken for unix seconds; others have no unit."""


@dataclass(frozen=True, slots=True)
class TimeParts:
    """What each part is called, and the moments of each arm's units: by part n and d; u, 1 where the unit
    counts in it; f, 1 in the part of the calendar in which the unit was first seen. `sums`: the metric is a
    sum per unit. `elapsed`: days, or the time's own unit, from the first row to each part's end."""

    labels: tuple[str, ...]
    moments: Mapping[str, Moments]
    sums: bool
    elapsed: tuple[float, ...] = ()


def in_time(rows: Table, question: Question, clock: Clock) -> TimeParts | None:
    """The primary metric's moments by part. `rows`: cleaned.

    None where the time has one part, or is no time at all.
    """
    if question.time is None:
        return None
    seconds = _seconds(rows[question.time])
    if seconds is None:
        return None
    rows = rows.mutate(_at=seconds).filter(seconds.notnull())
    rows = rows.mutate(_first=rows["_at"])
    first = rows.group_by(_unit=rows[question.unit]).aggregate(
        _first=rows["_at"].min(), _low=rows[question.arm].min(), _high=rows[question.arm].max()
    )
    first = kept(first.filter(first["_low"] == first["_high"]).drop("_low", "_high"), connection_of(rows))
    [span] = fetched(rows.aggregate(low=rows["_at"].min(), high=rows["_at"].max()))
    if span["low"] is None or span["high"] <= span["low"]:
        return None
    ruler = _ruler(float(span["low"]), float(span["high"]), clock)
    rows = rows.drop("_first").join(first, rows[question.unit] == first["_unit"])
    moments = _moments(rows, question, ruler)
    return (
        None
        if len(ruler.labels) < 2
        else TimeParts(ruler.labels, moments, is_sum(question.measures[0]), ruler.elapsed())
    )


@dataclass(frozen=True, slots=True)
class _Ruler:
    start: float
    width: float
    labels: tuple[str, ...]
    end: float
    aged: bool
    low: float
    high: float
    unit: float

    def elapsed(self) -> tuple[float, ...]:
        """From the first row to each part's end, or to the last row; in days where the time is dated."""
        ends = (self.start + self.width * (number + 1) for number in range(len(self.labels)))
        return tuple((min(end, self.high) - self.low) / self.unit for end in ends)

    def part(self, rows: Table) -> Any:
        since = rows["_first"] if self.aged else self.start
        return ((rows["_at"] - since) / self.width).floor().cast("int64")

    def whole(self, rows: Table, number: int) -> Any:
        """Whether a row's unit was observed for all of the part."""
        return rows["_first"] + (number + 1) * self.width <= self.end


def _ruler(low: float, high: float, clock: Clock) -> _Ruler:
    dated = SECONDS[0] < low and high < SECONDS[1]
    unit = DAY if dated else 1.0 if high - low > PARTS / 2 else (high - low) / PARTS
    aged = clock == "since first seen"
    start = low if aged or not dated else floor(low / DAY) * DAY
    units = (high - start) / unit
    width = unit * max(1, ceil((floor(units) + 1) / PARTS))
    end = high + unit * 1e-9 if aged else high
    count = floor((high - low) / width) if aged else floor((high - start) / width) + 1
    edges = [(0.0 if aged else start) + width * number for number in range(count)]
    return _Ruler(
        start, width, tuple(_label(edge, width, dated, aged) for edge in edges), end, aged, low, high, unit
    )


def _label(edge: float, width: float, dated: bool, aged: bool) -> str:
    if aged:
        unit = DAY if dated else 1.0
        one, last = edge / unit, (edge + width) / unit
        return f"{'days ' if dated else ''}{one:.4g} to {last:.4g}"
    return to_day(edge) if dated else f"{edge:.6g}"


def _seconds(column: Any) -> Any | None:
    """A column of times as numbers: unix seconds where it holds times or dates, or texts that are such."""
    kind = column.type()
    if kind.is_string():
        column = column.try_cast("timestamp")
        kind = column.type()
    if kind.is_timestamp() or kind.is_date():
        return column.cast("timestamp").epoch_seconds().cast("float64")
    return column.cast("float64") if kind.is_numeric() else None


def _moments(rows: Table, question: Question, ruler: _Ruler) -> dict[str, Moments]:
    measure = question.measures[0]
    rows = rows.mutate(_part=ruler.part(rows))
    columns: dict[str, Any] = {"arm": rows[question.arm].min()}
    numbers = range(len(ruler.labels))
    for number in numbers:
        columns |= _columns(rows, measure, ruler, number)
    units = kept(rows.group_by(unit=rows[question.unit]).aggregate(**columns), connection_of(rows))
    names = [name for name in columns if name != "arm"]
    counted = "nf" if is_sum(measure) and not ruler.aged else ""
    joint = [name for name in names if name[0] in f"nd{counted}"]
    pairs = [(one, other) for i, one in enumerate(joint) for other in joint[i + 1 :]]
    return moments_by(units, "arm", names, pairs)


def _columns(rows: Table, measure: Measure, ruler: _Ruler, number: int) -> dict[str, Any]:
    import ibis  # type: ignore[import-untyped]

    inside = rows["_part"] == number
    whole = ruler.whole(rows, number) if ruler.aged else None
    there = inside if whole is None else inside & whole
    value = rows[measure.numerator]
    if measure.denominator is not None:
        below = rows[measure.denominator]
        there &= value.notnull() & below.notnull()
        size = ibis.coalesce(below.sum(where=there), 0.0)
    elif not measure.per_unit:
        size = value.count(where=there).cast("float64")
    else:  # a unit that did nothing in a part of its own time did 0
        size = (there if whole is None else whole).cast("float64").max()
    begun = ((rows["_first"] - ruler.start) / ruler.width).floor() == number
    return {
        f"n{number}": ibis.coalesce(value.sum(where=there), 0.0),
        f"d{number}": size,
        f"u{number}": (there if whole is None or not is_sum(measure) else whole).cast("float64").max(),
        f"f{number}": begun.cast("float64").max(),
    }


def columns_of(parts: TimeParts, kind: str) -> Sequence[str]:
    """Names of the columns of one kind, by part."""
    return [f"{kind}{number}" for number in range(len(parts.labels))]
