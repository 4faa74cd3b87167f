"""Intervals and p-values that stay true however often one looks.

A mixture of the likelihood ratio over effects is a martingale under no effect, so that its chance of ever
passing 1/α is at most α (Robbins 1970, "Statistical Methods Related to the Law of the Iterated Logarithm",
for any mixing measure; Johari, Koomen, Pekelis, Walsh 2022, "Always Valid Inference"). For estimates that are
only asymptotically normal: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024, "Time-uniform central limit
theory and asymptotic confidence sequences", whose intervals, as these, are a standard error times a factor of
the number of units alone.

Mixed are normals over the effect per standard deviation of a unit, in eight scales of equal weight: the j-th
is made for about 20 · 10ʲ units (Howard, Ramdas, McAuliffe, Sekhon 2021, "Time-uniform, nonparametric,
nonasymptotic confidence sequences", discrete mixtures). Nothing of the data enters it: neither the mean nor
the noise of a metric, nor the effect that matters. At the level .95 the interval is 1.78 to 1.85 times as
wide as one that is looked at once, at any size from 40 to 10⁸ units.
"""

from functools import lru_cache
from math import erf, exp, inf, log, sqrt

SCALES = tuple(20.0 * 10.0**power for power in range(8))
"""Numbers of units that the mixture is made for."""
TUNED = 8.0
"""n · ρ² at which a normal mixture of variance ρ² is tightest, at levels about .95 (Robbins's boundary)."""


def half_width(deviation: float, count: float, level: float = 0.95) -> float:
    """Half of the interval's width at a look with standard error `deviation`, of `count` independent units.

    Infinite where either is unknown.
    """
    if not 0 < deviation < inf or not 0 < count < inf:
        return inf
    return deviation * factor(count, level)


def factor(count: float, level: float) -> float:
    """Half of the interval's width in standard errors; infinite at the level 1."""
    return _factor(float(count), level)


@lru_cache(4096)
def _factor(count: float, level: float) -> float:
    if level >= 1:
        return inf
    bound, low, high = -log(1 - level), 0.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        if _evidence(middle, count) < bound:
            low = middle
        else:
            high = middle
    return high


def p_value(effect: float, deviation: float, count: float) -> float:
    """1 over the mixture likelihood ratio, at most 1: valid at any look."""
    if not 0 < deviation < inf or not 0 < count < inf:
        return 1.0
    return exp(-max(min(_evidence(effect / deviation, count), 700.0), 0.0))


def growth_needed(
    effect: float, deviation: float, count: float, level: float = 0.95, power: float = 0.8
) -> float:
    """Times the data of now at which a true `effect` is seen at a look with this probability.

    `deviation`: standard error of now, of `count` units. By bisection: what is seen grows with the data.
    """
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        times = exp(middle)
        if _seen(abs(effect), deviation / sqrt(times), count * times, level) >= power:
            high = middle
        else:
            low = middle
    return exp(high)


def growth_once(effect: float, deviation: float, level: float = 0.95, power: float = 0.8) -> float:
    """The same for the one test at the planned end.

    >>> f"{growth_once(effect=2.801585, deviation=1.0):.4f}"
    '1.0000'
    """
    from scipy.special import ndtri

    return float((deviation * (ndtri((1 + level) / 2) + ndtri(power)) / effect) ** 2)


def _evidence(score: float, count: float) -> float:
    """Logarithm of the mixture likelihood ratio at an estimate of `score` standard errors."""
    terms: list[float] = []
    for scale in SCALES:
        known = TUNED * count / scale  # the scale's variance, in that of the estimate
        terms.append(score * score / 2 * known / (1 + known) - log(1 + known) / 2)
    most = max(terms)
    return most + log(sum([exp(term - most) for term in terms]) / len(SCALES))


def _seen(effect: float, deviation: float, count: float, level: float) -> float:
    beyond = (effect - half_width(deviation, count, level)) / deviation
    return (1 + erf(beyond / sqrt(2))) / 2
