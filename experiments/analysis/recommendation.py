"""What to do now, in words: ship, don't, keep going (how long), can't say (why)."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from experiments.analysis.effects import Analysis, Effect
from experiments.analysis.judged import is_harmed, is_safe, relative_gain, turned
from experiments.analysis.outlook import Looked, how_long
from experiments.analysis.quantiles import least_units
from experiments.analysis.question import Measure, Question

Word = Literal["ship", "don't", "keep going", "can't say"]

LEAST_UNITS = 100
"""Units an arm needs before an interval is shown to decide: asymptotic intervals are not true before."""
MOST_CROSSED = 0.01
"""Share of units in several arms above which the arms are no longer separate."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One word, the arm it is about, and the sentences that give the reasons."""

    word: Word
    arm: str | None
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        about = f" {self.arm}" if self.arm and self.word == "ship" else ""
        return f"{self.word}{about}: " + "; ".join(self.reasons)


def recommend(analysis: Analysis, question: Question) -> Recommendation:
    """The recommendation on the best arm that may ship, or else why none may."""
    each = recommend_each(analysis, question)
    for word in ("ship", "keep going", "can't say", "don't"):
        matching = [found for found in each if found.word == word]
        if matching:
            return max(matching, key=lambda found: _lift(analysis, found.arm))
    return Recommendation("can't say", None, ("there is no arm beside the control",))


def recommend_each(analysis: Analysis, question: Question) -> list[Recommendation]:
    """One for every arm beside the control; one about no arm where nothing can be said of any."""
    if blocked := _blocked(analysis, question):
        return [Recommendation("can't say", None, tuple(blocked))]
    return [_of_arm(analysis, question, arm) for arm in question.arms[1:]]


def _blocked(analysis: Analysis, question: Question) -> list[str]:
    if analysis.rows == 0:
        return [f"the experiment has no data: no row is in any of its arms; {analysis.accounting.sentence()}"]
    if analysis.share == 0:
        return ["every arm served the same on every row: no difference is possible, and none was looked for"]
    empty = [arm for arm in question.arms if analysis.units[arm] == 0]
    reasons = [f"arm {arm!r} is empty: no unit was seen in it" for arm in empty]
    reasons += [analysis.accounting.sentence()] if empty and analysis.accounting.left_out else []
    reasons += [each.sentence() for each in analysis.mismatches if each.blocks]
    reasons += [each.sentence() for each in analysis.balances if each.blocks]
    if analysis.moving is not None and not reasons:
        reasons.append(
            f"the arms' shares move over time ({analysis.moving}), so that a pooled effect compares times "
            "as well as arms; say when weights changed (--phase), or look for what else let units in"
        )
    seen = sum(analysis.units.values()) + analysis.crossed
    if seen and analysis.crossed / seen > MOST_CROSSED:
        reasons.append(
            f"{analysis.crossed:,} of {seen:,} units were seen in several arms, over {MOST_CROSSED:.0%}: the "
            "split is not sticky, or its weights were changed while it ran and nothing says when (--phase)"
        )
    few = [arm for arm in question.arms if 0 < analysis.units[arm] < LEAST_UNITS]
    if few and not reasons:
        units = ", ".join(f"{arm!r} has {analysis.units[arm]:,}" for arm in few)
        reasons.append(f"too few units: {units}, and at least {LEAST_UNITS} are needed")
    return reasons


def _of_arm(analysis: Analysis, question: Question, arm: str) -> Recommendation:
    effects = {effect.metric: effect for effect in analysis.decisive if effect.arm == arm}
    primary = question.measures[0]
    missing = [measure.name for measure in question.measures if measure.name not in effects]
    if (short := _too_few_beyond(analysis, question, arm)) or primary.name in missing:
        return Recommendation("can't say", arm, (short or _absent(analysis, primary),))
    harmed = [
        _harm(effects[measure.name], measure)
        for measure in question.measures[1:]
        if measure.role == "guardrail"
        and measure.name not in missing
        and is_harmed(effects[measure.name], measure)
    ]
    if harmed:
        return Recommendation("don't", arm, tuple(harmed))
    return _on_primary(effects, question, arm)


def _too_few_beyond(analysis: Analysis, question: Question, arm: str) -> str | None:
    units = min(analysis.units[arm], analysis.units[question.control])
    for measure in question.measures:
        if units < (least := least_units(measure)):
            return (
                f"{measure.name}: {units:,} units in an arm are too few beyond this quantile, and at least "
                f"{least:,} are needed"
            )
    return None


def _absent(analysis: Analysis, measure: Measure) -> str:
    if measure.quantile is not None and analysis.share is not None:
        return (
            f"{measure.name}: where the arms differ on some rows only, nothing is known of a quantile over "
            "all rows; count all of them, or ask about a mean"
        )
    return f"{measure.name} has no variation: all its values are equal or absent"


def _on_primary(effects: dict[str, Effect], question: Question, arm: str) -> Recommendation:
    primary = question.measures[0]
    effect = effects[primary.name]
    low, high = turned(primary, effect.deciding)
    told = _told(effect, primary)
    if high < 0:
        return Recommendation("don't", arm, (f"{told}: it is worse{_lower(primary)}",))
    open_margins = [
        f"{measure.name} may still be worse by more than its margin of {measure.margin:.1%}"
        for measure in question.measures[1:]
        if measure.margin and measure.name in effects and not is_safe(effects[measure.name], measure)
    ]
    if low > 0:
        open_word: Word = "don't" if question.ended else "keep going"
        return Recommendation(
            open_word if open_margins else "ship",
            arm,
            (f"{told}: it is better{_lower(primary)}", *open_margins),
        )
    if relative_gain(effect, primary)[1] < primary.effect:
        matters = f"a gain of {primary.effect:.1%} (`effect`, the smallest that matters) or more"
        return Recommendation("don't", arm, (f"{told}: {matters} is excluded",))
    if question.ended:
        return Recommendation("don't", arm, (_at_the_end(effect, primary, told),))
    if high == inf:
        return Recommendation(
            "keep going", arm, ("all of the error is for its planned end: it decides then",)
        )
    return Recommendation("keep going", arm, (f"{told}: not decided", _how_long(effect, primary, question)))


def _lower(measure: Measure) -> str:
    """What a reader who sees a falling figure called better must know."""
    return ", as lower is better" if measure.better == "lower" else ""


def _at_the_end(effect: Effect, measure: Measure, told: str) -> str:
    most = f"{turned(measure, effect.deciding)[1]:.4g}"
    if effect.relative_deciding is not None:
        most = f"{turned(measure, effect.relative_deciding)[1]:.1%}"
    return f"{told}: no gain is seen, and one above {most} is excluded"


def _how_long(effect: Effect, measure: Measure, question: Question) -> str:
    scale = abs(effect.control_value)
    if not scale:
        return "how long it takes can't be said while the control is at 0"
    look = Looked(effect.deviation, measure.effect * scale, effect.levels, sum(effect.units), question.days)
    return how_long(f"an effect of {measure.effect:.1%}", look)


def _told(effect: Effect, measure: Measure) -> str:
    at = "" if effect.fixed_p is None else f" at its planned end, p = {effect.fixed_p:.2g}"
    if effect.lift is None or effect.relative_deciding is None:
        low, high = effect.deciding
        return f"{measure.name} {effect.difference:+.4g} [{low:+.4g}, {high:+.4g}]{at}"
    low, high = effect.relative_deciding
    return f"{measure.name} {effect.lift:+.2%} [{low:+.2%}, {high:+.2%}]{at}"


def _harm(effect: Effect, measure: Measure) -> str:
    limit = f" beyond its margin of {measure.margin:.1%}" if measure.margin else ""
    return f"guardrail {_told(effect, measure)}: it is harmed{limit}"


def _lift(analysis: Analysis, arm: str | None) -> float:
    lifts = [effect.lift or 0.0 for effect in analysis.decisive if effect.arm == arm]
    return lifts[0] if lifts else 0.0
