"""Whether what CUPED explains by is a past: one value a unit, from before its first exposure."""

from collections.abc import Mapping
from typing import Any

from experiments.analysis.question import Question
from experiments.analysis.tables import Table, fetched
from experiments.config.problems import AnalysisError

_LATE = "late_past"


def seen(rows: Table, question: Question) -> dict[str, Any]:
    """By unit: whether a past differs between its rows, and whether it is of after its first row."""
    columns: dict[str, Any] = {}
    for index, measure in enumerate(question.measures):
        if measure.before is not None:
            past = rows[measure.before[0]]
            columns[_varied(index)] = past.max() != past.min()
    if question.before_time is not None:
        columns[_LATE] = rows[question.before_time].max() >= rows[question.time].min()
    return columns


def counted(units: Table, question: Question) -> dict[str, Any]:
    """Numbers of such units, over a table of what was seen of each."""
    return {name: units[name].sum() for name in units.columns if name == _LATE or name.startswith("varied_")}


def check_pasts(units: Table, question: Question, found: Mapping[str, Any]) -> None:
    """AnalysisError where there is any, with their number and one of them."""
    for index, measure in enumerate(question.measures):
        if measure.before is not None and found[_varied(index)]:
            many, one = found[_varied(index)], _one(units, _varied(index))
            raise AnalysisError(
                f"before: column {measure.before[0]!r} has several values in {many:,} units, such as unit "
                f"{one}; a unit's past must be the same in all of its rows, and known before the first"
            )
    if question.before_time is not None and found[_LATE]:
        raise AnalysisError(
            f"before: by {question.before_time!r}, the past of {found[_LATE]:,} units is not from before "
            f"their first {question.time!r}, such as unit {_one(units, _LATE)}; what was measured after an "
            "exposure may be its effect"
        )


def check_before_time(table: Table, question: Question) -> None:
    """AnalysisError where times can't be compared: without a time of exposure, or of another kind."""
    if question.before_time is None:
        return
    if question.time is None or all(each.before is None for each in question.measures):
        raise AnalysisError(
            "before_time: says when the past was measured; it needs the column of it (before), and that of "
            "the rows' own times (time)"
        )
    kinds = [table[name].type() for name in (question.before_time, question.time)]
    if len({_kind(kind) for kind in kinds}) > 1 or None in map(_kind, kinds):
        raise AnalysisError(
            f"before_time: column {question.before_time!r} holds {kinds[0]} and {question.time!r} "
            f"{kinds[1]}; both must be times of one kind"
        )


def _kind(of: Any) -> str | None:
    known = {"number": of.is_numeric(), "moment": of.is_timestamp() or of.is_date(), "text": of.is_string()}
    return next((name for name, holds in known.items() if holds), None)


def _one(units: Table, column: str) -> object:
    [line] = fetched(units.filter(units[column]).aggregate(unit=units.unit.min()))
    return line["unit"]


def _varied(index: int) -> str:
    return f"varied_{index}"
