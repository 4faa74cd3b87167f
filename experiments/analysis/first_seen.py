"""Units as they were when first seen: in which phase, which arm, which slices. Each counts once, there."""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.analysis.question import Question
from experiments.analysis.tables import Table, connection_of, fetched, kept


@dataclass(frozen=True, slots=True)
class UnitsFirstSeen:
    """`table`: a row a unit, with `_first` (the moment), `_phase`, `_arm`, `_rows` and a column per slice
    (`slice_column`). `units`: phase → arm → units. `rows`: of all of them."""

    table: Table
    units: Mapping[str, Mapping[str, int]]
    rows: int


def slice_column(number: int) -> str:
    """Of the number-th slice of the question."""
    return f"_slice{number}"


def first_seen(rows: Table, question: Question) -> UnitsFirstSeen:
    """One pass over the rows, however many slices there are. Nothing needs names of units: none are kept."""
    import ibis  # type: ignore[import-untyped]

    moment = rows[question.time] if question.time else rows[question.arm]
    seen = rows.mutate(_moment=moment)
    kinds = {slice_column(number): seen[name] for number, name in enumerate(question.slices)}
    kinds |= {"_arm": seen[question.arm]} | ({"_phase": seen[question.phase]} if question.phase else {})
    each = seen.group_by(_unit=seen[question.unit]).aggregate(
        _first=seen["_moment"].min(),
        _rows=seen.count(),
        **{name: column.argmin(seen["_moment"]) for name, column in kinds.items()},
    )
    texts = {name: each[name].cast("string") for name in kinds}
    each = each.mutate(**{"_phase": ibis.literal(""), **texts}).drop("_unit")
    table = kept(each, connection_of(rows))
    return UnitsFirstSeen(table, *_counted(table))


def _counted(table: Table) -> tuple[dict[str, dict[str, int]], int]:
    grouped = table.group_by(["_phase", "_arm"])
    units: dict[str, dict[str, int]] = {}
    total = 0
    for line in fetched(grouped.aggregate(_units=table.count(), _total=table["_rows"].sum())):
        units.setdefault(line["_phase"], {})[line["_arm"]] = line["_units"]
        total += line["_total"]
    return units, total
