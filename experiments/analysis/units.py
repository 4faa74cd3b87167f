"""From rows to units: the table that tests are made of, on any engine Ibis speaks to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from experiments.analysis.cleaning import check_columns, clean, cleaned
from experiments.analysis.first_seen import first_seen
from experiments.analysis.pasts import check_pasts, counted, seen
from experiments.analysis.quantiles import linearised
from experiments.analysis.question import LeftOut, Measure, Question
from experiments.analysis.strata import Strata, allocations, stratified_rows
from experiments.analysis.tables import Table, connection_of, fetched, kept
from experiments.analysis.winsorising import Capped, winsorised
from experiments.config.problems import AnalysisError


@dataclass(frozen=True, slots=True)
class Units:
    """One row a unit: `arm`, `rows`, and per measure its numerator and denominator (and those before).

    Where weights changed, each column is there once per stratum, with its suffix, and `u` says whether the
    unit is in it. `cleaned`: the rows that units were made of, before any trigger. `triggered`: as `first`,
    of the units that the trigger leaves. `seen`: units as they were when first seen, see `first_seen`.

    `first`: phase → arm → units first seen there. `crossed`: units that were seen in several arms,
    which are left out of the table. `rows`: rows read. `notes`: what was found on the way.
    """

    table: Table
    first: Mapping[str, Mapping[str, int]]
    crossed: int
    rows: int
    notes: tuple[str, ...]
    cleaned: Table = None
    triggered: Mapping[str, Mapping[str, int]] | None = None
    strata: Strata = field(default=Strata())
    left_out: tuple[LeftOut, ...] = ()
    seen: Table = None


_SEVERAL = "of units in several arms"


def numerator(index: int, suffix: str = "") -> str:
    """Column of the index-th measure's numerator."""
    return f"n{index}{suffix}"


def denominator(index: int, suffix: str = "") -> str:
    """Column of the index-th measure's denominator."""
    return f"d{index}{suffix}"


def there(index: int, suffix: str = "") -> tuple[str, str | None]:
    """Column that is 1 for a unit with a past, and that of its size in a stratum."""
    return f"bh{index}{suffix}", f"bu{index}{suffix}" if suffix else None


def raw(index: int, suffix: str = "") -> str:
    """Column of the same before it was winsorised."""
    return f"r{index}{suffix}"


def touched(index: int) -> str:
    """Column that is 1 for a unit that was winsorised."""
    return f"c{index}"


def units_of(table: Table, question: Question) -> Units:
    """Aggregate rows to units. AnalysisError for a column the table lacks, or one that isn't a number."""
    rows, notes = clean(table, question)
    first = first_seen(rows, question)
    whole, triggered, left = rows, None, []
    if question.trigger is not None:
        rows = rows.filter(rows[question.trigger].cast("boolean"))
        within = first_seen(rows, question.without_slices())
        triggered = within.units
        left.append(LeftOut("on which arms don't differ", first.rows - within.rows))
    units = _summed(rows, question)
    lost = first.rows - sum(each.rows for each in left) - units.used
    moved = "that a change of weights moved, or of units in several arms"
    left.append(LeftOut(moved if units.strata.moved else _SEVERAL, lost))
    return Units(
        units.table,
        first.units,
        units.crossed,
        first.rows,
        (*notes, *units.strata.note(), *units.limits),
        whole,
        triggered,
        units.strata,
        tuple(left),
        first.table,
    )


def units_alone(table: Table, question: Question) -> tuple[Table, Strata]:
    """The table of units, to compare arms in it; how many were seen and left out is not counted."""
    check_columns(table, question)
    units = _summed(cleaned(table, question), question)
    return units.table, units.strata


@dataclass(frozen=True, slots=True)
class _Summed:
    """Units of one arm, the strata they are in, and what was found in making them."""

    table: Table
    strata: Strata
    crossed: int
    used: int
    limits: list[str]


def _summed(rows: Table, question: Question) -> _Summed:
    if any(each.quantile is not None for each in question.measures):
        _refuse_strata(question)
        rows, question = linearised(rows, question)
    strata, crossed = Strata(), 0
    if question.phase is not None and len(set(allocations(question).values())) > 1:
        rows, strata, crossed = stratified_rows(rows, question)
        rows = kept(rows, connection_of(rows))
    units = rows.group_by(unit=rows[question.unit]).aggregate(**_aggregates(rows, question, strata))
    units = kept(units, connection_of(rows))
    [found] = fetched(_counted(units, question))
    check_pasts(units, question, found)
    declared = _capped(question, strata)
    capped, limits = winsorised(units.filter(units.arm == units.last_arm), [each for _, each in declared])
    told = _limits([measure for measure, _ in declared], limits)
    return _Summed(capped, strata, crossed + int(found["crossed"] or 0), int(found["used"] or 0), told)


def _capped(question: Question, strata: Strata) -> list[tuple[Measure, Capped]]:
    """The measures that are to be winsorised, with their columns."""
    return [
        (
            measure,
            Capped(
                [numerator(index, suffix) for suffix in strata.suffixes],
                None if is_sum(measure) else [denominator(index, suffix) for suffix in strata.suffixes],
                [raw(index, suffix) for suffix in strata.suffixes],
                touched(index),
                measure.winsorise,
            ),
        )
        for index, measure in enumerate(question.measures)
        if measure.winsorise is not None
    ]


def _refuse_strata(question: Question) -> None:
    if question.phase is not None and len(set(allocations(question).values())) > 1:
        name = next(each.name for each in question.measures if each.quantile is not None)
        raise AnalysisError(
            f"metric {name}: the weights of the arms changed, and a quantile is no average over strata; ask "
            "about the phases one by one, or about means"
        )


def is_sum(measure: Measure) -> bool:
    """Whether units are compared by their sums, without a denominator."""
    return measure.per_unit and measure.denominator is None


def _limits(measures: list[Measure], limits: list[float]) -> list[str]:
    return [
        f"{measure.name}: units above {limit:.6g} {'' if is_sum(measure) else 'over the mean per row '}"
        f"(quantile {measure.winsorise:g} of all arms' units) count as it"
        for measure, limit in zip(measures, limits, strict=True)
        if isfinite(limit)
    ]


def _counted(units: Table, question: Question) -> Table:
    both = units.arm != units.last_arm
    pasts = counted(units, question)
    return units.aggregate(crossed=both.sum(), used=units["rows"].sum(where=~both), **pasts)


def _aggregates(rows: Table, question: Question, strata: Strata) -> dict[str, Any]:
    arm = rows[question.arm]
    columns: dict[str, Any] = {"arm": arm.min(), "last_arm": arm.max(), "rows": rows.count()}
    columns |= seen(rows, question)
    for number, suffix in enumerate(strata.suffixes):
        inside = rows["_stratum"] == number if strata.names else None
        if inside is not None:
            columns[f"u{suffix}"] = inside.cast("float64").max()
        for index, measure in enumerate(question.measures):
            columns |= _sums(rows, index, measure, suffix, inside)
    return columns


def _sums(rows: Table, index: int, measure: Measure, suffix: str, inside: Table) -> dict[str, Any]:
    """Of the rows `inside` a stratum, or of all."""
    import ibis  # type: ignore[import-untyped]

    value = rows[measure.numerator]
    one = rows.count() * 0.0 + 1.0 if inside is None else inside.cast("float64").max()
    below = None if measure.denominator is None else rows[measure.denominator]
    whole = inside if below is None else below.notnull() if inside is None else inside & below.notnull()
    sums: dict[str, Any] = {numerator(index, suffix): ibis.coalesce(value.sum(where=whole), 0.0)}
    if below is not None:
        known = value.notnull() if inside is None else inside & value.notnull()
        sums[denominator(index, suffix)] = ibis.coalesce(below.sum(where=known), 0.0)
    elif not measure.per_unit:
        sums[denominator(index, suffix)] = value.count(where=inside).cast("float64")
    elif inside is not None:
        sums[denominator(index, suffix)] = one
    if measure.before is not None:
        sums |= _before(rows, index, measure.before, suffix, inside)
        if inside is not None:
            sums[there(index, suffix)[1] or ""] = one
    return sums


def _before(
    rows: Table, index: int, before: tuple[str, str | None], suffix: str, inside: Table
) -> dict[str, Any]:
    """A unit's past, its size, and whether it has one: without, both are 0, and it explains nothing."""
    import ibis

    past = rows[before[0]].max(where=inside)
    size = None if before[1] is None else rows[before[1]].max(where=inside)
    has = past.notnull() if size is None else past.notnull() & (ibis.coalesce(size, 0.0) != 0)
    known = has.cast("float64")
    return {
        f"b{numerator(index, suffix)}": ibis.ifelse(has, past, 0.0),
        f"b{denominator(index, suffix)}": known if size is None else ibis.ifelse(has, size, 0.0),
        there(index, suffix)[0]: known,
    }
