"""An experiment analysed: first the mismatch test, then effects with anytime-valid intervals.

The engine (DuckDB or Spark) sums rows up to units and units up to moments; whatever comes after works on the
few figures of each arm.
"""

from collections.abc import Mapping
from dataclasses import replace

from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.mismatch import mismatch
from experiments.analysis.moments import Moments, moments_by
from experiments.analysis.question import Measure, Question
from experiments.analysis.sequential import half_width, p_value
from experiments.analysis.tables import Table, fetched
from experiments.analysis.triggered import diluted, share
from experiments.analysis.units import Units, denominator, numerator, units_of
from experiments.analysis.welch import Ratio, welch
from experiments.config.problems import AnalysisError

MOST_SLICES = 20
"""Values of one slice that are analysed, the largest first."""

_Pair = tuple[Moments, Moments]


def analyze(table: Table, question: Question) -> Analysis:
    """Analyse a table of rows. AnalysisError where a column is missing or isn't a number.

    >>> import numpy as np, pandas as pd
    >>> from experiments.analysis.tables import connect, table_of
    >>> from experiments.analysis.recommendation import recommend
    >>> draw, arms = np.random.default_rng(1), np.repeat(["old", "new"], 500)
    >>> clicks = draw.poisson(2.0, 1_000) + (arms == "new")
    >>> rows = pd.DataFrame({"unit": np.arange(1_000).astype(str), "arm": arms, "clicks": clicks})
    >>> asked = Question("old", {"": {"old": 0.5, "new": 0.5}}, (Measure("clicks", "clicks"),))
    >>> found = analyze(table_of(rows, connect(), "rows"), asked)
    >>> print(f"{found.effects[0].lift:.0%}", recommend(found, asked))
    42% ship new: clicks +42.11% [+26.41%, +57.80%]: it is better
    """
    _check(question)
    units = units_of(table, question)
    _check_phases(units, question)
    moments = moments_of(units)
    counts = {arm: moments[arm].count() if arm in moments else 0 for arm in question.arms}
    effects = tuple(effects_of(moments, question))
    asked = question.trigger is not None
    return Analysis(
        mismatch=mismatch(units.first, question.weights),
        effects=effects,
        slices={column: _slice(table, question, column) for column in question.slices},
        units=counts,
        rows=units.rows,
        crossed=units.crossed,
        notes=(*question.notes, *units.notes, *_outliers(units, question)),
        overall=diluted(units.cleaned, question, effects) if asked and effects else (),
        share=share(units.cleaned, question) if asked else None,
        triggered=None if units.triggered is None else mismatch(units.triggered, question.weights),
    )


def _check(question: Question) -> None:
    if not question.measures:
        raise AnalysisError("metrics: none is given; an analysis needs at least one")
    if len(question.arms) < 2:
        raise AnalysisError(f"arms: only {question.control!r} has a weight; a comparison needs two")
    if any(question.control not in phase for phase in question.weights.values()):
        raise AnalysisError(
            f"control: {question.control!r} has no weight; the arms are {', '.join(question.arms)}"
        )


def _check_phases(units: Units, question: Question) -> None:
    for phase in units.first:
        if phase not in question.weights:
            known = ", ".join(map(repr, question.weights))
            raise AnalysisError(f"phase: {phase!r} is in the table and has no weights; those are of {known}")


def moments_of(units: Units) -> dict[str, Moments]:
    """Moments of each arm's units, in one query."""
    columns = [name for name in units.table.columns if name[:1] in "ndb" and name[-1:].isdigit()]
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :] if _same_measure(a, b)]
    return moments_by(units.table, "arm", columns, pairs)


def _same_measure(one: str, other: str) -> bool:
    return one.lstrip("bnd") == other.lstrip("bnd")


def effects_of(moments: Mapping[str, Moments], question: Question) -> list[Effect]:
    """Every measure of every arm against the control, from the arms' moments."""
    effects = []
    for index, measure in enumerate(question.measures):
        for arm in question.arms[1:]:
            if arm in moments and question.control in moments:
                pair = (moments[question.control], moments[arm])
                found = _effect(pair, index, measure, question, arm)
                effects += [found] if found is not None else []
    return effects


def _effect(pair: _Pair, index: int, measure: Measure, question: Question, arm: str) -> Effect | None:
    """None where an arm has no values, fewer than two units, or no variation: there is nothing to test."""
    if min(each.count() for each in pair) < 2 or _nothing(pair, index, measure):
        return None
    level = question.level_of(measure)
    plain = welch(*pair, ratio(index, measure, adjusted=False), level)
    found = welch(*pair, ratio(index, measure, adjusted=True), level) if measure.before else plain
    if plain is None or found is None:
        return None
    base = found.control
    mixture = measure.effect * (abs(base) if base else _spread(pair, index))
    half = half_width(found.deviation, mixture, level)
    return Effect(
        metric=measure.name,
        role=measure.role,
        arm=arm,
        control_value=base,
        value=found.treatment,
        difference=found.difference,
        deviation=found.deviation,
        lift=found.difference / abs(base) if base else None,
        anytime=(found.difference - half, found.difference + half),
        anytime_p=p_value(found.difference, found.deviation, mixture),
        fixed=found.interval if question.ended else None,
        fixed_p=found.p if question.ended else None,
        level=level,
        units=(pair[0].count(), pair[1].count()),
        reduction=1 - (found.deviation / plain.deviation) ** 2 if measure.before else None,
    )


def ratio(index: int, measure: Measure, *, adjusted: bool) -> Ratio:
    """The unit table's columns of a measure; `adjusted`: with those from before."""
    below = denominator(index) if measure.denominator is not None or not measure.per_unit else None
    if not adjusted or measure.before is None:
        return Ratio(numerator(index), below)
    size = f"b{denominator(index)}" if measure.before[1] else None
    return Ratio(numerator(index), below, f"b{numerator(index)}", size)


def _nothing(pair: _Pair, index: int, measure: Measure) -> bool:
    """No denominator, or no variation at all."""
    if measure.denominator is not None or not measure.per_unit:
        if any(not each.mean(denominator(index)) for each in pair):
            return True
    elif any(each.mean(numerator(index)) is None for each in pair):
        return True
    return all(not each.mean(numerator(index)) and not each.var(numerator(index)) for each in pair)


def _spread(pair: _Pair, index: int) -> float:
    return float(max(each.var(numerator(index)) for each in pair) ** 0.5)


def _slice(table: Table, question: Question, column: str) -> dict[str, tuple[Effect, ...]]:
    """The primary metric within each of the largest values of a column; levels shared among them."""
    counted = table.group_by(_value=table[column]).aggregate(_rows=table.count())
    largest = counted.order_by(counted["_rows"].desc()).limit(MOST_SLICES).to_pyarrow().to_pylist()
    values = [line["_value"] for line in largest if line["_value"] is not None]
    level = 1 - (1 - question.level) / max(len(values), 1)
    narrow = replace(question.without_slices(), measures=question.measures[:1], level=level)
    return {
        str(value): tuple(
            effects_of(moments_of(units_of(table.filter(table[column] == value), narrow)), narrow)
        )
        for value in values
    }


def _outliers(units: Units, question: Question) -> list[str]:
    """One unit that carries most of a metric's variation: the mean is about that unit."""
    notes: list[str] = []
    for index, measure in enumerate(question.measures):
        column = units.table[numerator(index)]
        centred = (column - column.mean()) ** 2
        squares = units.table.mutate(_square=centred)["_square"]
        found = units.table.mutate(_square=centred).aggregate(
            most=squares.max(), total=squares.sum(), largest=column.max()
        )
        [line] = fetched(found)
        if line["total"] and line["most"] / line["total"] > 0.5 and len(notes) < 5:
            notes.append(
                f"{measure.name}: one unit ({line['largest']:,.6g}) carries "
                f"{line['most'] / line['total']:.0%} of its variation; declare winsorise, such as 0.999"
            )
    return notes
