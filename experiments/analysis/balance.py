"""Whether arms were alike before the experiment: a mismatch test of what CUPED explains with.

Units are assigned by chance, so that their pasts differ between arms by chance alone. Where they differ by
more, the column is wrong (shifted in one arm, or measured after the exposure), or the split is; either way an
effect that is adjusted by it is. Tested are the mean past, and the share of units that have one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.analysis.mismatch import DOUBTFUL, THRESHOLD
from experiments.analysis.moments import Moments
from experiments.analysis.question import Question
from experiments.analysis.sequential import p_value
from experiments.analysis.strata import Strata
from experiments.analysis.stratified import stratified, usable
from experiments.analysis.units import denominator, numerator, there
from experiments.analysis.welch import Ratio, Welch, welch

_Pair = tuple[Moments, Moments]


@dataclass(frozen=True, slots=True)
class Balance:
    """One metric's past in an arm and in the control; `p` is corrected for the number of such tests.

    `known`: shares of units that have a past at all, in the control and in the arm.
    """

    metric: str
    arm: str
    control_value: float
    value: float
    known: tuple[float, float]
    p: float

    @property
    def blocks(self) -> bool:
        """Whether there can be no recommendation before the difference is explained."""
        return self.p < THRESHOLD

    def sentence(self) -> str:
        """What was found, and where to look when it is wrong."""
        found = (
            f"{self.metric} before: {self.value:.5g} in {self.arm}, {self.control_value:.5g} in the control, "
            f"known of {self.known[1]:.1%} and {self.known[0]:.1%} of the units; p = {self.p:.3g}"
        )
        if self.p >= DOUBTFUL:
            return f"{found}: alike, as they should be"
        where = (
            "the column may be of after the first exposure or made differently by arm, or the split is wrong"
        )
        return f"{found}: the arms differed before it began; {where}"


def balances(moments: Mapping[str, Moments], question: Question, strata: Strata) -> tuple[Balance, ...]:
    """Of every measure with a past, in every arm beside the control."""
    asked = [index for index, each in enumerate(question.measures) if each.before is not None]
    arms = [arm for arm in question.arms[1:] if arm in moments]
    if question.control not in moments:
        return ()
    tests = 2 * max(len(asked) * len(arms), 1)
    found = [
        _balance((moments[question.control], moments[arm]), index, question, strata, arm, tests)
        for index in asked
        for arm in arms
    ]
    return tuple(each for each in found if each is not None)


def _balance(  # noqa: PLR0913, PLR0917 - all that it is made of
    pair: _Pair, index: int, question: Question, strata: Strata, arm: str, tests: int
) -> Balance | None:
    if min(each.count() for each in pair) < 2:
        return None
    pasts = [
        Ratio(f"b{numerator(index, suffix)}", f"b{denominator(index, suffix)}") for suffix in strata.suffixes
    ]
    has = [Ratio(*there(index, suffix)) for suffix in strata.suffixes]
    value, known = _compared(pair, pasts, strata), _compared(pair, has, strata)
    if value is None:
        return None
    count = sum(each.count() for each in pair)
    p = min(1.0 if each is None else _p(each, count, question) for each in (value, known))
    everyone = (1.0, 1.0) if known is None else (known.control, known.treatment)
    metric = question.measures[index].name
    return Balance(metric, arm, value.control, value.treatment, everyone, min(p * tests, 1.0))


def _p(found: Welch, count: int, question: Question) -> float:
    """At every look while it runs; else of one look."""
    return p_value(found.difference, found.deviation, count) if question.watched else found.p


def _compared(pair: _Pair, metrics: list[Ratio], strata: Strata) -> Welch | None:
    if not strata.names:
        return welch(*pair, metrics[0], 0.95)
    counts = [f"u{suffix}" for suffix in strata.suffixes]
    kept = usable(*pair, counts)
    shares = [strata.shares[0][number] for number in kept]
    chosen = [metrics[number] for number in kept]
    return stratified(*pair, chosen, shares, [counts[number] for number in kept], 0.95) if kept else None
