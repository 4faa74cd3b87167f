"""An experiment analysed: first the mismatch test, then effects with anytime-valid intervals.

The engine (DuckDB or Spark) sums rows up to units and units up to moments; whatever comes after works on the
few figures of each arm.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from experiments.analysis.accounting import account
from experiments.analysis.balance import balances
from experiments.analysis.comparisons import effects_of, moments_of
from experiments.analysis.course import LEAST as LEAST_IN_PART
from experiments.analysis.course import EffectCourse, courses, none_because, unlike
from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.grouped import differences, grouped, not_shown
from experiments.analysis.mismatch import mismatch
from experiments.analysis.mismatch_slices import mismatch_slices, moving
from experiments.analysis.moments import Moments
from experiments.analysis.question import Question
from experiments.analysis.spread import spread_of
from experiments.analysis.stratified import LEAST, usable
from experiments.analysis.tables import Table, fetched
from experiments.analysis.triggered import diluted, share
from experiments.analysis.units import Units, numerator, units_of
from experiments.config.problems import AnalysisError

MOST_OUTLIERS = 5
"""Metrics whose outliers are named."""


def analyze(table: Table, question: Question) -> Analysis:
    """Analyse a table of rows. AnalysisError where a column is missing or isn't a number.

    >>> import numpy as np, pandas as pd
    >>> from experiments.analysis.question import Measure
    >>> from experiments.analysis.tables import connect, table_of
    >>> from experiments.analysis.recommendation import recommend
    >>> draw, arms = np.random.default_rng(1), np.repeat(["old", "new"], 500)
    >>> clicks = draw.poisson(2.0, 1_000) + (arms == "new")
    >>> rows = pd.DataFrame({"unit": np.arange(1_000).astype(str), "arm": arms, "clicks": clicks})
    >>> asked = Question("old", {"": {"old": 0.5, "new": 0.5}}, (Measure("clicks", "clicks"),))
    >>> found = analyze(table_of(rows, connect(), "rows"), asked)
    >>> print(f"{found.effects[0].lift:.0%}", recommend(found, asked))
    42% ship new: clicks +42.11% [+21.17%, +68.44%]: it is better
    """
    _check(question)
    units = units_of(table, question)
    _check_phases(units, question)
    moments = moments_of(units)
    counts = {arm: moments[arm].count() if arm in moments else 0 for arm in question.arms}
    effects = tuple(effects_of(moments, question, units.strata))
    asked = question.trigger is not None
    before = balances(moments, question, units.strata)
    slices = mismatch_slices(units.seen, question)
    groups = grouped(table, question, question.slices)
    beside = grouped(table, question, question.beside)
    over_time = _courses(units, question)
    return Analysis(
        mismatch=mismatch(units.first, question.weights, watched=question.watched),
        effects=effects,
        slices=groups,
        units=counts,
        rows=units.rows,
        crossed=units.crossed,
        notes=(
            *question.notes,
            *units.notes,
            *(each.sentence() for each in before),
            *_thin(units, moments, question),
            *_outliers(units, question),
            *not_shown(table, question.slices),
            *_about_time(over_time, units, question),
        ),
        accounting=account(table, question).less(units.left_out),
        strata=dict(zip(units.strata.names, units.strata.shares[0], strict=True))
        if units.strata.names
        else {},
        moved=units.strata.moved,
        mismatch_slices=slices,
        moving=moving(slices, question),
        balances=before,
        courses=over_time,
        differing=(*differences("slice", groups, question), *differences("experiment", beside, question)),
        spread=spread_of(units, question) if question.detailed else None,
        overall=_overall(table, units, question, effects) if asked and effects else (),
        share=share(units.cleaned, question) if asked else None,
        triggered=None
        if units.triggered is None
        else mismatch(units.triggered, question.weights, watched=question.watched),
    )


def _courses(units: Units, question: Question) -> tuple[EffectCourse, ...]:
    """Where it is asked for, and there can be one."""
    why = none_because(question, weights_changed=bool(units.strata.names))
    return courses(units.cleaned, question) if question.detailed and why is None else ()


def _about_time(found: tuple[EffectCourse, ...], units: Units, question: Question) -> list[str]:
    """How figures over time differ from the effect, or why there are none."""
    if not question.detailed:
        return []
    why = none_because(question, weights_changed=bool(units.strata.names))
    if not found and why is None:
        why = f"no effect over time: both arms need {LEAST_IN_PART} units in two parts of it"
    told = unlike(question) if found else why
    return [told] if told is not None else []


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


def _thin(units: Units, moments: Mapping[str, Moments], question: Question) -> list[str]:
    """Strata that are not compared, as an arm has hardly any units in them."""
    control = moments.get(question.control)
    if not units.strata.names or control is None:
        return []
    counts = [f"u{suffix}" for suffix in units.strata.suffixes]
    notes = []
    for arm in question.arms[1:]:
        kept = set(usable(control, moments[arm], counts)) if arm in moments else set()
        left = [name for number, name in enumerate(units.strata.names) if number not in kept]
        if left and arm in moments:
            told = "; ".join(left)
            notes.append(f"{arm}: not compared where it or the control has under {LEAST} units: {told}")
    return notes


def _overall(
    table: Table, units: Units, question: Question, effects: tuple[Effect, ...]
) -> tuple[Effect, ...]:
    """Effects over all rows, where a trigger left only those on which arms differ."""
    if not units.strata.names:
        return diluted(units.cleaned, question, effects)
    whole = units_of(table, replace(question, trigger=None))
    every = effects_of(moments_of(whole), question, whole.strata)
    return diluted(units.cleaned, question, effects, {(e.metric, e.arm): e.control_value for e in every})


def _outliers(units: Units, question: Question) -> list[str]:
    """One unit that carries most of a metric's variation: the mean is about that unit."""
    asked: dict[str, Any] = {}
    for index, measure in enumerate(question.measures):
        if measure.quantile is None:
            parts = [units.table[numerator(index, suffix)] for suffix in units.strata.suffixes]
            column = reduce(lambda one, other: one + other, parts)
            asked |= {
                f"mean{index}": column.mean(),
                f"low{index}": column.min(),
                f"high{index}": column.max(),
            }
            asked |= {f"var{index}": column.var(how="pop"), f"count{index}": column.count()}
    [line] = fetched(units.table.aggregate(**asked)) if asked else [{}]
    notes = [
        note
        for index, measure in enumerate(question.measures)
        if measure.quantile is None and (note := _outlier(line, index, measure.name)) is not None
    ]
    return notes[:MOST_OUTLIERS]


def _outlier(line: Mapping[str, Any], index: int, name: str) -> str | None:
    mean, total = line[f"mean{index}"], (line[f"var{index}"] or 0.0) * line[f"count{index}"]
    if not total > 0:
        return None
    furthest = max((line[f"low{index}"], line[f"high{index}"]), key=lambda value: abs(value - mean))
    share = (furthest - mean) / total * (furthest - mean)  # a power of a float may overflow with a trace
    if not share > 0.5:
        return None
    return (
        f"{name}: one unit ({furthest:,.6g}) carries {min(share, 1.0):.0%} of its variation; declare "
        "winsorise, such as 0.999"
    )
