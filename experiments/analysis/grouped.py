"""The primary metric within groups of units: the values of slices, and the arms of other experiments."""

from collections.abc import Mapping
from dataclasses import replace

from experiments.analysis.comparisons import effects_of, moments_in
from experiments.analysis.differing import Differing, Grouping, GroupKind, differing
from experiments.analysis.effects import Effect
from experiments.analysis.question import Question
from experiments.analysis.tables import Table, fetched
from experiments.analysis.units import units_alone

MOST_SLICES = 20
"""Values of one slice that are analysed, the largest first."""
Groups = Mapping[str, Mapping[str, tuple[Effect, ...]]]


def grouped(
    table: Table, question: Question, columns: tuple[str, ...]
) -> dict[str, dict[str, tuple[Effect, ...]]]:
    """Column → value → the primary metric's effects; levels are shared among the values of a column."""
    return {column: _slice(table, question, column) for column in columns}


def _slice(table: Table, question: Question, column: str) -> dict[str, tuple[Effect, ...]]:
    counted = table.group_by(_value=table[column]).aggregate(_rows=table.count())
    largest = counted.order_by(counted["_rows"].desc()).limit(MOST_SLICES).to_pyarrow().to_pylist()
    values = [line["_value"] for line in largest if line["_value"] is not None]
    level = 1 - (1 - question.level) / max(len(values), 1)
    narrow = replace(question.without_slices(), measures=question.measures[:1], level=level)
    return {str(value): _within(table.filter(table[column] == value), narrow) for value in values}


def not_shown(table: Table, columns: tuple[str, ...]) -> list[str]:
    """What slices leave out: values after the largest MOST_SLICES, and rows without any."""
    notes = []
    for column in columns:
        counted = table.group_by(_value=table[column]).aggregate(_rows=table.count())
        known = counted.filter(counted["_value"].notnull())
        [whole] = fetched(counted.aggregate(rows=counted["_rows"].sum()))
        [named] = fetched(known.aggregate(rows=known["_rows"].sum(), values=known.count()))
        largest = known.order_by(known["_rows"].desc()).limit(MOST_SLICES)
        [shown] = fetched(largest.aggregate(rows=largest["_rows"].sum()))
        rows, has, kept = (int(each["rows"] or 0) for each in (whole, named, shown))
        if named["values"] > MOST_SLICES:
            notes.append(
                f"slice {column}: the {MOST_SLICES} largest of {named['values']:,} values are shown; "
                f"{has - kept:,} of {rows:,} rows are in the others"
            )
        if rows > has:
            notes.append(f"slice {column}: {rows - has:,} of {rows:,} rows have no value and are in no slice")
    return notes


def _within(part: Table, question: Question) -> tuple[Effect, ...]:
    units, strata = units_alone(part, question)
    return tuple(effects_of(moments_in(units), question, strata))


def differences(kind: GroupKind, groups: Groups, question: Question) -> list[Differing]:
    """Whether effects differ between groups, for each column and arm."""
    tests = len(groups) * (len(question.arms) - 1)
    found = []
    for column, values in groups.items():
        for arm in question.arms[1:]:
            known = {value: each for value, of in values.items() for each in of if each.arm == arm}
            relative = all(each.relative is not None and each.lift is not None for each in known.values())
            estimates = {value: _estimate(each, relative=relative) for value, each in known.items()}
            asked = Grouping(kind, column, arm, tests, question.level)
            each = differing(asked, estimates, relative=relative)
            found += [each] if each is not None else []
    return found


def _estimate(each: Effect, *, relative: bool) -> tuple[float, float]:
    """The effect and its variance; of a relative one by the delta method, the control's error included."""
    if not relative:
        return each.difference, each.deviation**2
    ratio = each.difference / each.control_value
    whole = each.deviation**2 + (2 * ratio + ratio**2) * each.control_variance
    return each.difference / abs(each.control_value), max(whole, 0.0) / each.control_value**2
