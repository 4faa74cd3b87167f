"""Every arm compared with the control, metric by metric, from the moments of their units."""

import re
from collections.abc import Mapping
from math import copysign, sqrt

from experiments.analysis.effects import Effect, Winsorised
from experiments.analysis.moments import Moments, moments_by
from experiments.analysis.question import Measure, Question
from experiments.analysis.relative import Compared, relative
from experiments.analysis.sequential import factor, p_value
from experiments.analysis.spending import spent
from experiments.analysis.strata import Strata
from experiments.analysis.stratified import stratified, usable
from experiments.analysis.tables import Table
from experiments.analysis.units import Units, denominator, numerator, raw, there, touched
from experiments.analysis.welch import Ratio, Welch, welch

_Pair = tuple[Moments, Moments]
_FIGURE = re.compile(r"u_\d+|c\d+|(b?[nd]|r|b[hu])\d+(_\d+)?")
_ONE = Strata()


def moments_of(units: Units) -> dict[str, Moments]:
    """Moments of each arm's units, in one query."""
    return moments_in(units.table)


def moments_in(table: Table) -> dict[str, Moments]:
    """The same of a table of units alone."""
    columns = [name for name in table.columns if _FIGURE.fullmatch(name)]
    pairs = [(a, b) for i, a in enumerate(columns) for b in columns[i + 1 :] if _same_measure(a, b)]
    return moments_by(table, "arm", columns, pairs)


def _same_measure(one: str, other: str) -> bool:
    return one[0] != "u" and one.lstrip("bndrhu").split("_")[0] == other.lstrip("bndrhu").split("_")[0]


def effects_of(moments: Mapping[str, Moments], question: Question, strata: Strata = _ONE) -> list[Effect]:
    """Every measure of every arm against the control, from the arms' moments."""
    effects = []
    for index, measure in enumerate(question.measures):
        for arm in question.arms[1:]:
            if arm in moments and question.control in moments:
                pair = (moments[question.control], moments[arm])
                found = _effect(pair, index, measure, question, strata, arm)
                effects += [found] if found is not None else []
    return effects


def _effect(  # noqa: PLR0913, PLR0917 - all that an effect is made of
    pair: _Pair, index: int, measure: Measure, question: Question, strata: Strata, arm: str
) -> Effect | None:
    """None where an arm has no values, fewer than two units, or no variation: there is nothing to test."""
    if min(each.count() for each in pair) < 2:
        return None
    level = question.level_of(measure)
    plain = _compared(pair, index, measure, strata, level, adjusted=False)
    found = _compared(pair, index, measure, strata, level, adjusted=True) if measure.before else plain
    found = found or plain  # nobody has a past, or it never varied
    if plain is None or found is None:
        return None
    reduction = 1 - (found.deviation / plain.deviation) ** 2 if measure.before else None
    base, count = found.control, sum(each.count() for each in pair)
    own = found.variances[0]
    # with CUPED the control's value has the noise of both arms' pasts together beside its own
    whole = own + pair[0].count() / count * max(plain.variances[0] - own, 0.0)
    against = Compared(found.difference, base, found.deviation**2, whole, -own)
    levels = spent(level, question.looks)
    looked, once = factor(count, levels.looks), found.factor(level)
    decides = found.factor(levels.end) if question.ended and levels.end < 1 else looked
    return Effect(
        metric=measure.name,
        role=measure.role,
        arm=arm,
        control_value=base,
        value=found.treatment,
        difference=found.difference,
        deviation=found.deviation,
        lift=found.difference / abs(base) if base else None,
        anytime=around(found.difference, found.deviation, looked),
        anytime_p=p_value(found.difference, found.deviation, count),
        fixed=found.interval if question.ended else None,
        fixed_p=found.p if question.ended else None,
        deciding=around(found.difference, found.deviation, decides),
        level=level,
        levels=levels,
        units=(pair[0].count(), pair[1].count()),
        relative=relative(against, looked),
        relative_fixed=relative(against, once) if question.ended else None,
        relative_deciding=relative(against, decides),
        control_variance=whole,
        winsorised=_winsorised(pair, index, measure, strata),
        reduction=reduction,
        correlation=None if reduction is None else copysign(sqrt(max(reduction, 0.0)), found.slope),
    )


def _winsorised(pair: _Pair, index: int, measure: Measure, strata: Strata) -> Winsorised | None:
    if measure.winsorise is None:
        return None
    without = _compared(pair, index, measure, strata, 0.95, adjusted=measure.before is not None, capped=False)
    control, treatment = (round(each.mean(touched(index)) * each.count()) for each in pair)
    if without is None:
        return None
    lift = without.difference / abs(without.control) if without.control else None
    return Winsorised((control, treatment), without.difference, lift)


def around(middle: float, deviation: float, times: float) -> tuple[float, float]:
    """An interval of `times` standard errors to either side."""
    return middle - times * deviation, middle + times * deviation


def _compared(  # noqa: PLR0913 - what is compared, and how
    pair: _Pair,
    index: int,
    measure: Measure,
    strata: Strata,
    level: float,
    *,
    adjusted: bool,
    capped: bool = True,
) -> Welch | None:
    """Both arms over all units, or within the strata that both have units enough in."""
    if not strata.names:
        if _nothing(pair, index, measure):
            return None
        return welch(*pair, ratio(index, measure, adjusted=adjusted, capped=capped), level)
    counts = [f"u{suffix}" for suffix in strata.suffixes]
    kept = usable(*pair, counts)
    kept = [number for number in kept if not _nothing(pair, index, measure, strata.suffixes[number])]
    shares = [strata.shares[index][number] for number in kept]
    if not sum(shares):
        return None
    whole = sum(strata.shares[index]) / sum(shares)  # what is left stands for all
    metrics = [
        ratio(index, measure, adjusted=adjusted, suffix=strata.suffixes[number], capped=capped)
        for number in kept
    ]
    return stratified(
        *pair, metrics, [whole * share for share in shares], [counts[number] for number in kept], level
    )


def ratio(index: int, measure: Measure, *, adjusted: bool, suffix: str = "", capped: bool = True) -> Ratio:
    """The unit table's columns of a measure; `adjusted`: with those from before; `suffix`: of a stratum.

    `capped`: winsorised, where that is declared.
    """
    above = numerator(index, suffix) if capped or measure.winsorise is None else raw(index, suffix)
    has_size = measure.denominator is not None or not measure.per_unit or suffix
    below = denominator(index, suffix) if has_size else None
    if not adjusted or measure.before is None:
        return Ratio(above, below)
    past, size = f"b{numerator(index, suffix)}", f"b{denominator(index, suffix)}"
    return Ratio(above, below, past, size, there(index, suffix))


def _nothing(pair: _Pair, index: int, measure: Measure, suffix: str = "") -> bool:
    """No denominator, or no variation at all."""
    above, below = numerator(index, suffix), denominator(index, suffix)
    if measure.denominator is not None or not measure.per_unit:
        if any(not each.mean(below) for each in pair):
            return True
    elif any(each.mean(above) is None for each in pair):
        return True
    return all(not each.mean(above) and not each.var(above) for each in pair)
