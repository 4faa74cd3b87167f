"""From rows to units: the table that tests are made of, on any engine Ibis speaks to."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import Table, connection_of, fetched, kept
from experiments.config.problems import AnalysisError


@dataclass(frozen=True, slots=True)
class Units:
    """One row a unit: `arm`, `rows`, and per measure its numerator and denominator (and those before).

    `cleaned`: the rows that units were made of, before any trigger. `triggered`: as `first`, of the
    units that the trigger leaves.

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


def numerator(index: int) -> str:
    """Column of the index-th measure's numerator."""
    return f"n{index}"


def denominator(index: int) -> str:
    """Column of the index-th measure's denominator."""
    return f"d{index}"


def units_of(table: Table, question: Question) -> Units:
    """Aggregate rows to units. AnalysisError for a column the table lacks, or one that isn't a number."""
    _check_columns(table, question)
    rows, notes = _clean(table, question)
    first, count = _first_seen(rows, question)
    cleaned, triggered = rows, None
    if question.trigger is not None:
        rows = rows.filter(rows[question.trigger].cast("boolean"))
        triggered, _ = _first_seen(rows, question)
    units = rows.group_by(unit=rows[question.unit]).aggregate(**_aggregates(rows, question))
    units = kept(units, connection_of(table))
    crossed = units.filter(units.arm != units.last_arm)
    [counted] = fetched(crossed.aggregate(crossed=crossed.count()))
    in_one = units.filter(units.arm == units.last_arm)
    return Units(in_one, first, int(counted["crossed"]), count, tuple(notes), cleaned, triggered)


def _check_columns(table: Table, question: Question) -> None:
    wanted = {"unit": question.unit, "arm": question.arm, "phase": question.phase, "time": question.time}
    named = [(role, name) for role, name in wanted.items() if name is not None]
    for measure in question.measures:
        before = measure.before or ()
        named += [
            (f"metric {measure.name}", n) for n in (measure.numerator, measure.denominator, *before) if n
        ]
    named += [("slice", name) for name in question.slices]
    named += [("trigger", question.trigger)] if question.trigger else []
    for role, name in named:
        if name not in table.columns:
            near = get_close_matches(name, table.columns, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(table.columns)}"
            raise AnalysisError(f"{role}: the table has no column {name!r}; {hint}")
        if role.startswith("metric") and not (
            table[name].type().is_numeric() or table[name].type().is_boolean()
        ):
            raise AnalysisError(f"{role}: column {name!r} holds {table[name].type()}, and must hold numbers")


def _clean(table: Table, question: Question) -> tuple[Table, list[str]]:
    """Numbers as floats, NaN and infinities as absent, values above their quantile as it; and notes."""
    import ibis  # type: ignore[import-untyped]

    names = {c for m in question.measures for c in (m.numerator, m.denominator, *(m.before or ())) if c}
    as_floats = {name: table[name].cast("float64") for name in sorted(names)}
    absent = {
        name: ibis.ifelse(column.isnan() | column.isinf(), ibis.null("float64"), column)
        for name, column in as_floats.items()
    }
    rows = table.mutate(**absent, **{question.arm: table[question.arm].cast("string")})
    rows = rows.filter(rows[question.unit].notnull() & rows[question.arm].isin(list(question.arms)))
    caps, notes = _caps(rows, question)
    absences = {name: rows[name].isnull().sum() for name in names}
    notes += _missing(rows.aggregate(_rows=rows.count(), **absences), question)
    for name, cap in caps.items():
        rows = rows.mutate(**{name: ibis.least(rows[name], cap)})
    return rows, notes


def _missing(counted: Table, question: Question) -> list[str]:
    [found] = fetched(counted)
    return [
        f"{measure.name}: {found[measure.numerator]:,} of {found['_rows']:,} rows have no value (absent, NaN "
        "or infinite) and are left out; if one arm has more of them than the other, the comparison is biased"
        for measure in question.measures
        if found[measure.numerator]
    ]


def _caps(rows: Table, question: Question) -> tuple[dict[str, float], list[str]]:
    """The declared quantile over both arms together, so that the arms are treated alike."""
    declared = {m.numerator: m.winsorise for m in question.measures if m.winsorise is not None}
    if not declared:
        return {}, []
    quantiles = {name: rows[name].quantile(level) for name, level in declared.items()}
    [found] = fetched(rows.aggregate(**quantiles))
    caps = {name: float(value) for name, value in found.items() if value is not None}
    notes = [
        f"{name}: values above {cap:g} (quantile {declared[name]:g}) count as it"
        for name, cap in caps.items()
    ]
    return caps, notes


def _first_seen(rows: Table, question: Question) -> tuple[dict[str, dict[str, int]], int]:
    """Units by the phase and arm in which they were first seen, and the number of rows."""
    import ibis

    phase = rows[question.phase].cast("string") if question.phase else ibis.literal("")
    moment = rows[question.time] if question.time else rows[question.arm]
    seen = rows.mutate(_phase=phase, _time=moment)
    each = seen.group_by(_unit=seen[question.unit]).aggregate(
        _phase=seen["_phase"].argmin(seen["_time"]),
        _arm=seen[question.arm].argmin(seen["_time"]),
        _rows=seen.count(),
    )
    counted = each.group_by(["_phase", "_arm"]).aggregate(_units=each.count(), _rows=each["_rows"].sum())
    first: dict[str, dict[str, int]] = {}
    total = 0
    for line in fetched(counted):
        first.setdefault(line["_phase"], {})[line["_arm"]] = line["_units"]
        total += line["_rows"]
    return first, total


def _aggregates(rows: Table, question: Question) -> dict[str, Any]:
    arm = rows[question.arm]
    columns: dict[str, Any] = {"arm": arm.min(), "last_arm": arm.max(), "rows": rows.count()}
    for index, measure in enumerate(question.measures):
        columns |= _sums(rows, index, measure)
    return columns


def _sums(rows: Table, index: int, measure: Measure) -> dict[str, Any]:
    import ibis

    value = rows[measure.numerator]
    sums: dict[str, Any] = {numerator(index): ibis.coalesce(value.sum(), 0.0)}
    if measure.denominator is not None:
        sums[denominator(index)] = ibis.coalesce(rows[measure.denominator].sum(), 0.0)
    elif not measure.per_unit:
        sums[denominator(index)] = value.count().cast("float64")
    if measure.before is not None:
        past, size = measure.before
        sums[f"b{numerator(index)}"] = ibis.coalesce(rows[past].max(), 0.0)
        sums[f"b{denominator(index)}"] = (
            ibis.coalesce(rows[size].max(), 0.0) if size else rows.count() * 0.0 + 1.0
        )
    return sums
