"""Effects that were measured where arms differ, carried over to all rows: what shipping would change.

On rows where every arm serves the same, arms can't differ but by chance, so those rows only add noise. The
effect over all rows is the effect where arms differ times the share of such rows, the rest being 0; for
ratio metrics the share is that of the denominator. Sources: Deng, Hu 2015, "Diluted Treatment Effect
Estimation for Trigger Analysis in Online Controlled Experiments" (WSDM); the share's own variance by the
delta method. Whether a row counts must not depend on its arm: mismatch is tested among those rows as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from experiments.analysis.comparisons import around
from experiments.analysis.effects import Effect
from experiments.analysis.moments import Moments, moments_by
from experiments.analysis.question import Measure, Question
from experiments.analysis.relative import Compared, relative
from experiments.analysis.sequential import factor, p_value
from experiments.analysis.tables import Table, connection_of, fetched, kept
from experiments.analysis.units import is_sum
from experiments.analysis.winsorising import Capped, winsorised


def diluted(
    rows: Table,
    question: Question,
    effects: Sequence[Effect],
    bases: Mapping[tuple[str, str], float] | None = None,
) -> tuple[Effect, ...]:
    """The same effects over all rows. `rows`: cleaned, the trigger among their columns.

    `bases`: (metric, arm) → the control's value over all rows, where it isn't that of its rows pooled.

    Relative figures are then shares of the control's value over all rows. p-values of the planned end stay:
    what is tested is the same.
    """
    moments = _moments(rows, question)
    measures = {measure.name: index for index, measure in enumerate(question.measures)}
    found = [
        _diluted(
            moments,
            measures[each.metric],
            each,
            question.control,
            (bases or {}).get((each.metric, each.arm)),
        )
        for each in effects
        if question.measures[measures[each.metric]].quantile is None  # no share of a quantile is one
    ]
    return tuple(each for each in found if each is not None)


def share(rows: Table, question: Question) -> float:
    """Share of the rows on which arms differ; 0 where there are none."""
    found = rows.aggregate(share=rows[question.trigger].cast("boolean").cast("float64").mean())
    return float(fetched(found)[0]["share"] or 0.0)


def _diluted(
    moments: dict[str, Moments],
    index: int,
    effect: Effect,
    control: str,
    known: float | None,
) -> Effect | None:
    both = moments[control] + moments[effect.arm]
    part, total, own = f"t{index}", f"w{index}", f"v{index}"
    if not both.mean(total) or not moments[control].mean(total):
        return None
    ratio = both.mean(part) / both.mean(total)
    variance = both.ratio_var(part, total) / both.count()
    difference = ratio * effect.difference
    deviation = float((ratio**2 * effect.deviation**2 + effect.difference**2 * variance) ** 0.5)
    pooled = moments[control].mean(own) / moments[control].mean(total)
    base = pooled if known is None else known
    count = moments[control].count() + moments[effect.arm].count()
    looked = factor(count, effect.levels.looks)
    once = None if effect.fixed is None else (effect.fixed[1] - effect.difference) / effect.deviation
    decides = looked
    if effect.fixed is not None and effect.levels.end < 1:
        decides = (effect.deciding[1] - effect.difference) / effect.deviation
    whole = moments[control].ratio_var(own, total) / moments[control].count()
    shared = -(ratio**2) * effect.control_variance  # the control where arms differ is part of it
    against = Compared(difference, base, deviation**2, whole, shared)
    return replace(
        effect,
        control_value=base,
        value=base + difference,
        difference=difference,
        deviation=deviation,
        lift=difference / abs(base) if base else None,
        anytime=around(difference, deviation, looked),
        anytime_p=p_value(difference, deviation, count),
        fixed=None if once is None else around(difference, deviation, once),
        deciding=around(difference, deviation, decides),
        relative=relative(against, looked),
        relative_fixed=None if once is None else relative(against, once),
        relative_deciding=relative(against, decides),
        control_variance=whole,
        units=(moments[control].count(), moments[effect.arm].count()),
    )


def _moments(rows: Table, question: Question) -> dict[str, Moments]:
    """Moments by arm of units' sums: v, metric; w, size; t, size where arms differ."""
    arm = rows[question.arm]
    sums: dict[str, Any] = {"arm": arm.min(), "last_arm": arm.max()}
    for index, measure in enumerate(question.measures):
        sums |= _sums(rows, index, measure, rows[question.trigger].cast("boolean"))
    units = kept(rows.group_by(unit=rows[question.unit]).aggregate(**sums), connection_of(rows))
    units = units.filter(units.arm == units.last_arm)
    capped = [
        Capped(
            [f"v{index}"], None if is_sum(each) else [f"w{index}"], [f"r{index}"], f"c{index}", each.winsorise
        )
        for index, each in enumerate(question.measures)
        if each.winsorise is not None
    ]
    units, _ = winsorised(units, capped)
    names = [name for name in units.columns if name[0] in "vwt" and name[1:].isdigit()]
    pairs = [
        pair
        for index in range(len(question.measures))
        for pair in ((f"t{index}", f"w{index}"), (f"v{index}", f"w{index}"))
    ]
    return moments_by(units, "arm", names, pairs)


def _sums(rows: Table, index: int, measure: Measure, differs: Any) -> dict[str, Any]:
    import ibis  # type: ignore[import-untyped]

    value = rows[measure.numerator]
    size = value.notnull().cast("float64") if measure.denominator is None else rows[measure.denominator]
    whole = ibis.literal(1.0) if is_sum(measure) else ibis.coalesce(size.sum(), 0.0)
    inside = differs.cast("float64").max() if is_sum(measure) else size.sum(where=differs)
    return {
        f"v{index}": ibis.coalesce(value.sum(), 0.0),
        f"w{index}": whole,
        f"t{index}": ibis.coalesce(inside, 0.0),
    }
