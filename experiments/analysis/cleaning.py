"""Rows made fit for sums: columns checked, numbers as floats, what is no number as absent."""

from difflib import get_close_matches

from experiments.analysis.accounting import usable
from experiments.analysis.pasts import check_before_time
from experiments.analysis.question import Question
from experiments.analysis.tables import Table, fetched
from experiments.config.problems import AnalysisError


def check_columns(table: Table, question: Question) -> None:
    """AnalysisError for a column that the table lacks, or of which metrics are made and that is no number."""
    wanted = {"unit": question.unit, "arm": question.arm, "phase": question.phase, "time": question.time}
    wanted["before_time"] = question.before_time
    named = [(role, name) for role, name in wanted.items() if name is not None]
    for measure in question.measures:
        before = measure.before or ()
        named += [
            (f"metric {measure.name}", n) for n in (measure.numerator, measure.denominator, *before) if n
        ]
    named += [("slice", name) for name in question.slices] + [("beside", name) for name in question.beside]
    named += [("trigger", question.trigger)] if question.trigger else []
    for role, name in named:
        if name not in table.columns:
            near = get_close_matches(name, table.columns, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(table.columns)}"
            raise AnalysisError(f"{role}: the table has no column {name!r}; {hint}")
        if role.startswith("metric") and not (
            table[name].type().is_numeric() or table[name].type().is_boolean()
        ):
            kind = table[name].type()
            held = "nothing but nulls" if kind.is_unknown() or kind.is_null() else str(kind)
            raise AnalysisError(f"{role}: column {name!r} holds {held}, and must hold numbers")
    check_before_time(table, question)


def clean(table: Table, question: Question) -> tuple[Table, list[str]]:
    """Clean rows, and notes on what is absent. AnalysisError as of `check_columns`."""
    check_columns(table, question)
    rows = cleaned(table, question)
    return rows, _missing(rows, question)


def cleaned(table: Table, question: Question) -> Table:
    """Numbers as floats, NaN and infinities as absent, rows of other arms left out."""
    import ibis  # type: ignore[import-untyped]

    names = {c for m in question.measures for c in (m.numerator, m.denominator, *(m.before or ())) if c}
    as_floats = {name: table[name].cast("float64") for name in sorted(names)}
    absent = {
        name: ibis.ifelse(column.isnan() | column.isinf(), ibis.null("float64"), column)
        for name, column in as_floats.items()
    }
    rows = table.mutate(**absent, **{question.arm: table[question.arm].cast("string")})
    return rows.filter(usable(rows, question))


def _missing(rows: Table, question: Question) -> list[str]:
    """How many rows lack a metric: its column, or either column of a ratio."""
    absent = {}
    for index, measure in enumerate(question.measures):
        below = rows[measure.denominator].isnull() if measure.denominator else False
        absent[f"absent{index}"] = (rows[measure.numerator].isnull() | below).sum()
    [found] = fetched(rows.aggregate(_rows=rows.count(), **absent))
    return [
        f"{measure.name}: {found[f'absent{index}']:,} of {found['_rows']:,} rows have no value (absent, NaN "
        "or infinite) and are left out; if one arm has more of them than the other, the comparison is biased"
        for index, measure in enumerate(question.measures)
        if found[f"absent{index}"]
    ]
