"""Intervals and p-values that stay true however often one looks.

A normal mixture over the effect turns the likelihood ratio into a martingale, so that its chance of ever
passing 1/α is at most α (Robbins 1970; Johari, Koomen, Pekelis, Walsh 2022, "Always Valid Inference"). For
estimates that are only asymptotically normal: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024,
"Time-uniform central limit theory and asymptotic confidence sequences". The mixture's width is the
smallest effect that matters: the interval is tightest about when there is enough data to see that effect,
and it is fixed in advance, never fitted.
"""

from math import erf, exp, inf, log, sqrt


def half_width(deviation: float, mixture: float, level: float = 0.95) -> float:
    """Half of the interval's width at a look with standard error `deviation`; infinite where it is unknown.

    `mixture`: standard deviation of the mixed effects, in the metric's unit, above 0.
    """
    if not 0 < deviation < inf or not mixture > 0:
        return inf
    variance, spread = deviation**2, mixture**2
    total = variance + spread
    return sqrt(variance * total / spread * log(total / (variance * (1 - level) ** 2)))


def p_value(effect: float, deviation: float, mixture: float) -> float:
    """1 over the mixture likelihood ratio, at most 1: valid at any look."""
    if not 0 < deviation < inf or not mixture > 0:
        return 1.0
    variance, spread = deviation**2, mixture**2
    total = variance + spread
    exponent = effect**2 * spread / (2 * variance * total)
    return min(1.0, sqrt(total / variance) * exp(-min(exponent, 700.0)))


def deviation_needed(effect: float, mixture: float, level: float = 0.95, power: float = 0.8) -> float:
    """The standard error at which a true `effect` is seen at a look with this probability.

    By bisection: the interval's half width grows with the standard error throughout.
    """
    low, high = abs(effect) * 1e-6, abs(effect)
    for _ in range(80):
        middle = (low + high) / 2
        if _seen(abs(effect), middle, mixture, level) >= power:
            low = middle
        else:
            high = middle
    return low


def _seen(effect: float, deviation: float, mixture: float, level: float) -> float:
    beyond = (effect - half_width(deviation, mixture, level)) / deviation
    return (1 + erf(beyond / sqrt(2))) / 2
