"""Two arms compared within strata: Σ share · (treatment's value − control's value), and its standard error.

Every unit is one observation, with a column for each stratum that it is in, so that a unit seen in several
counts as the one draw that it is. Variances by the delta method over those columns (Deng, Knoblich, Lu 2018);
post-stratification as in Miratrix, Sekhon, Yu 2013, "Adjusting treatment effect estimates by
post-stratification in randomized experiments"; degrees of freedom by Satterthwaite over strata and arms.
Shares are those observed, and the effect is the one over them. CUPED's slope is common to all strata.
"""

from collections.abc import Mapping, Sequence
from math import isfinite, sqrt

from experiments.analysis.moments import Moments
from experiments.analysis.welch import Past, Ratio, Welch

LEAST = 10
"""Units that each arm needs in a stratum for it to be compared; a smaller one is left out."""


def usable(control: Moments, treatment: Moments, counts: Sequence[str]) -> list[int]:
    """Numbers of the strata that both arms have units enough in. `counts`: columns that are 1 in it."""
    return [
        number
        for number, column in enumerate(counts)
        if min(arm.mean(column) * arm.count() for arm in (control, treatment)) >= LEAST
    ]


def stratified(  # noqa: PLR0913, PLR0917 - what is compared, and how
    control: Moments,
    treatment: Moments,
    metrics: Sequence[Ratio],
    shares: Sequence[float],
    counts: Sequence[str],
    level: float,
) -> Welch | None:
    """Compare two arms within the strata that `metrics`, `shares` and `counts` have an entry for each of.

    None where a denominator is 0 or nothing varies.
    """
    from scipy.special import stdtr, stdtrit

    arms = (control, treatment)
    try:
        pasts = _pasts(metrics)
        slopes = [_slope(arms, metrics, shares, past) for past in pasts]
        both = [_mean(control + treatment, past, shares) for past in pasts]
        base, value = (
            _value(arm, metrics, shares)
            - sum(
                slope * (_mean(arm, past, shares) - whole)
                for slope, past, whole in zip(slopes, pasts, both, strict=True)
            )
            for arm in arms
        )
        one, other = (_variance(arm, metrics, shares, slopes) for arm in arms)
        freedom = _freedom(arms, metrics, shares, counts)
    except ZeroDivisionError:
        return None
    deviation = sqrt(max(one + other, 0.0))
    if not isfinite(deviation) or deviation <= 0:
        return None
    half = float(stdtrit(freedom, (1 + level) / 2)) * deviation
    difference = value - base
    p = float(2 * stdtr(freedom, -abs(difference) / deviation))
    bounds = (difference - half, difference + half)
    return Welch(
        base, value, difference, deviation, bounds, p, (one, other), freedom, slopes[0] if slopes else 0.0
    )


def _value(arm: Moments, metrics: Sequence[Ratio], shares: Sequence[float]) -> float:
    return sum(share * each.value(arm) for each, share in zip(metrics, shares, strict=True))


def _pasts(metrics: Sequence[Ratio]) -> list[list[Past]]:
    """What explains, with its columns in each stratum; nothing without a past."""
    if metrics[0].past is None:
        return []
    return [list(past) for past in zip(*(each.pasts for each in metrics), strict=True)]


def _mean(arm: Moments, past: Sequence[Past], shares: Sequence[float]) -> float:
    return sum(
        share * arm.mean(above) / arm.mean(below) for (above, below), share in zip(past, shares, strict=True)
    )


def _slope(
    arms: tuple[Moments, Moments], metrics: Sequence[Ratio], shares: Sequence[float], past: Sequence[Past]
) -> float:
    """θ of CUPED that leaves the least variance."""
    pasts = [_gradient(arm, past, shares) for arm in arms]
    nows = [_gradient(arm, [(each.above, each.below) for each in metrics], shares) for arm in arms]
    shared = sum(_covariance(arm, now, past) for arm, now, past in zip(arms, nows, pasts, strict=True))
    variance = sum(_covariance(arm, past, past) for arm, past in zip(arms, pasts, strict=True))
    return shared / variance if variance else 0.0


def _variance(
    arm: Moments, metrics: Sequence[Ratio], shares: Sequence[float], slopes: Sequence[float]
) -> float:
    """Of the arm's value, less what the pasts explain."""
    whole = _gradient(arm, [(each.above, each.below) for each in metrics], shares)
    for slope, past in zip(slopes, _pasts(metrics), strict=True):
        for name, each in _gradient(arm, past, shares).items():
            whole[name] = whole.get(name, 0.0) - slope * each
    return _covariance(arm, whole, whole)


def _gradient(
    arm: Moments, columns: Sequence[tuple[str | None, str | None]], shares: Sequence[float]
) -> dict[str, float]:
    """Derivatives of Σ share · mean(above) / mean(below) by each column's mean."""
    found: dict[str, float] = {}
    for (above, below), share in zip(columns, shares, strict=True):
        size = arm.mean(below)
        for name, slope in ((above, share / size), (below, -share * arm.mean(above) / size**2)):
            if name is not None:
                found[name] = found.get(name, 0.0) + slope
    return found


def _covariance(arm: Moments, one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of two linear forms of the columns' means."""
    total = sum(
        a * b * (arm.var(name) if name == named else arm.cov(name, named))
        for name, a in one.items()
        for named, b in other.items()
    )
    return total / arm.count()


def _freedom(
    arms: tuple[Moments, Moments], metrics: Sequence[Ratio], shares: Sequence[float], counts: Sequence[str]
) -> float:
    """Satterthwaite's, each stratum of each arm having its own variance and units."""
    total = squares = 0.0
    for arm in arms:
        for each, share, column in zip(metrics, shares, counts, strict=True):
            variance = share**2 * arm.ratio_var(each.above, each.below) / arm.count()
            total += variance
            squares += variance**2 / (arm.mean(column) * arm.count() - 1)
    return total**2 / squares
