"""How an effect went: in each part of the time, summed up to it, and by the time since a unit was first seen.

A novelty wears off and a habit takes time to change: then the effect moves with the time since a unit was
first seen, and its mean over the experiment is not what shipping would bring (Kohavi, Tang, Xu 2020,
"Trustworthy Online Controlled Experiments", ch. 23). Bands hold in all parts together: each part's
interval is made at the level whose error is shared among them (Bonferroni), so that it also holds where
parts depend on one another. The effect summed up to a part has the anytime-valid interval, which holds at
all looks together as it is. Variances by the delta method over each unit's parts (Deng, Knoblich, Lu
2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.moments import Moments
from experiments.analysis.moments_in_time import Clock, TimeParts, columns_of, in_time
from experiments.analysis.question import Question
from experiments.analysis.relative import Compared, relative
from experiments.analysis.sequential import factor
from experiments.analysis.tables import Table

Floats = NDArray[np.float64]
Kind = Literal["calendar", "summed up", "since first seen"]
LEAST = 50
"""Units that both arms need in a part for it to be shown."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The primary metric in one part. `lift` and its interval are relative, None where the control isn't
    clear of 0; `units`: of the control and of the arm."""

    label: str
    units: tuple[int, int]
    control: float
    value: float
    difference: float
    interval: tuple[float, float]
    lift: float | None
    relative: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class EffectCourse:
    """The effect of one arm over parts of one kind. `level`: of all intervals together. `trend`: the p of the
    effect being the same in all parts against its growing or shrinking evenly, None where not tested."""

    kind: Kind
    arm: str
    level: float
    moments: tuple[Moment, ...]
    trend: float | None


def courses(rows: Table, question: Question) -> tuple[EffectCourse, ...]:
    """Every course of the primary metric, by arm; none without a column of times. `rows`: cleaned.

    As measured: without CUPED, winsorising and strata.
    """
    found: list[EffectCourse] = []
    for clock, kinds in _KINDS.items():
        parts = in_time(rows, question, clock)
        if parts is None or question.control not in parts.moments:
            continue
        for kind in kinds:
            for arm in question.arms[1:]:
                if arm in parts.moments:
                    each = _course(parts, question, kind, arm)
                    found += [each] if each is not None else []
    return tuple(found)


def unlike(question: Question) -> str | None:
    """What the primary metric's effect has and its course has not, in words; None where they are alike."""
    first = question.measures[0]
    had = {
        "adjusted for units' pasts (CUPED)": first.before is not None,
        "capped (winsorised)": first.winsorise is not None,
        "measured where arms differ (trigger)": question.trigger is not None,
    }
    told = " and ".join(name for name, applies in had.items() if applies)
    return (
        f"{first.name}: the effect is {told}; over time it is shown without, so that its last figure is not "
        "the effect's and its bands are of another width"
        if told
        else None
    )


def none_because(question: Question, *, weights_changed: bool) -> str | None:
    """Why there is no effect over time, where one may look for it; None where there could be one."""
    first = question.measures[0]
    if question.time is None:
        return "no effect over time: it needs a column of times (--time)"
    if weights_changed:
        return (
            "no effect over time: the weights of the arms changed, and parts of it would compare other arms"
        )
    if first.quantile is not None:
        return f"no effect over time: {first.name} is a quantile, which doesn't add up over parts"
    return None


_KINDS: dict[Clock, tuple[Kind, ...]] = {
    "calendar": ("calendar", "summed up"),
    "since first seen": ("since first seen",),
}


@dataclass(frozen=True, slots=True)
class PartValues:
    """A metric's values by part in one arm, their covariance, and the units that each is of."""

    values: Floats
    covariance: Floats
    units: Floats


def _course(parts: TimeParts, question: Question, kind: Kind, arm: str) -> EffectCourse | None:
    pair = [values_of(parts.moments[name], parts, kind) for name in (question.control, arm)]
    known = np.minimum(pair[0].units, pair[1].units) >= LEAST
    for each in pair:
        known &= np.isfinite(each.values) & np.isfinite(np.diag(each.covariance))
    shown = np.flatnonzero(known)
    if len(shown) < 2:
        return None
    error = (1 - question.level) / (len(question.arms) - 1)
    level = 1 - (error if kind == "summed up" else error / len(shown))
    moments = tuple(_moment(pair, int(index), parts.labels[index], question, kind, level) for index in shown)
    trend = None if kind == "summed up" else _trend(pair, shown)
    return EffectCourse(kind, arm, 1 - error, moments, trend)


def values_of(arm: Moments, parts: TimeParts, kind: Kind) -> PartValues:
    """By the delta method over sums of the parts' columns."""
    above, below = columns_of(parts, "n"), columns_of(parts, "d")
    if kind == "summed up" and parts.sums:
        below = columns_of(parts, "f")
    names = [*above, *below]
    means = np.array([arm.mean(name) for name in names])
    whole = np.array(
        [[arm.var(one) if one == other else arm.cov(one, other) for other in names] for one in names]
    )
    count = len(above)
    add = np.tri(count) if kind == "summed up" else np.eye(count)
    sums, sizes = add @ means[:count], add @ means[count:]
    with np.errstate(all="ignore"):  # what is not finite is not shown
        values = sums / sizes
        gradient = np.hstack([add / sizes[:, None], -add * (values / sizes)[:, None]])
        covariance = np.nan_to_num(gradient) @ whole @ np.nan_to_num(gradient).T / arm.count()
    return PartValues(values, covariance, _units(arm, parts, kind))


def _units(arm: Moments, parts: TimeParts, kind: Kind) -> Floats:
    """Units that are in each part, or have been seen up to it."""
    summed = kind == "summed up"
    seen = np.array([arm.mean(name) for name in columns_of(parts, "f" if summed else "u")]) * arm.count()
    return np.cumsum(seen) if summed else seen


def _moment(  # noqa: PLR0913, PLR0917 - all that it is made of
    pair: Sequence[PartValues], index: int, label: str, question: Question, kind: Kind, level: float
) -> Moment:
    control, value = (float(each.values[index]) for each in pair)
    own, other = (float(each.covariance[index, index]) for each in pair)
    units = (round(float(pair[0].units[index])), round(float(pair[1].units[index])))
    wide = _wide(sum(units), level, once=question.ended and kind != "summed up")
    difference, deviation = value - control, sqrt(max(own + other, 0.0))
    against = Compared(difference, control, own + other, own, -own)
    return Moment(
        label=label,
        units=units,
        control=control,
        value=value,
        difference=difference,
        interval=(difference - wide * deviation, difference + wide * deviation),
        lift=difference / abs(control) if control else None,
        relative=relative(against, wide),
    )


def _wide(units: int, level: float, *, once: bool) -> float:
    """Standard errors to either side: looked at once at the planned end, or at any time before."""
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2)) if once else factor(units, level)


def _trend(pair: Sequence[PartValues], shown: NDArray[np.int64]) -> float | None:
    """p of an even change of the effect over the parts (generalised least squares, so that what is known well
    counts most); of the relative effect where all values are above 0."""
    from scipy.special import ndtr

    positive = all((each.values[shown] > 0).all() for each in pair)
    inner = np.ix_(shown, shown)
    covariance, values = np.zeros((len(shown), len(shown))), []
    for each in pair:
        by = 1 / each.values[shown] if positive else np.ones(len(shown))
        covariance += each.covariance[inner] * np.outer(by, by)
        values.append(np.log(each.values[shown]) if positive else each.values[shown])
    if not np.isfinite(covariance).all() or not np.trace(covariance) > 0:
        return None
    design = np.column_stack([np.ones(len(shown)), shown])
    weights = np.linalg.pinv(covariance, hermitian=True)
    inverse = np.linalg.pinv(design.T @ weights @ design, hermitian=True)
    slope = float((inverse @ design.T @ weights @ (values[1] - values[0]))[1])
    spread = float(inverse[1, 1])
    return float(2 * ndtr(-abs(slope) / sqrt(spread))) if spread > 0 else None
