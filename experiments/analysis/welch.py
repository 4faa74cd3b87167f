"""Two arms' means, or ratios of means, compared by Welch's test; with CUPED where units have a past.

Sources: Welch 1947, "The Generalization of Student's Problem when Several Different Population Variances
are Involved"; Deng, Xu, Kohavi, Walker 2013, "Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data" (CUPED). Figures are those of tea-tasting's `RatioOfMeans`, term by term.
"""

from dataclasses import dataclass
from math import isfinite, sqrt

from experiments.analysis.moments import Moments


@dataclass(frozen=True, slots=True)
class Ratio:
    """The columns of a metric, mean(above) / mean(below), and of the same from before; None stands for 1."""

    above: str
    below: str | None = None
    past: str | None = None
    size: str | None = None

    def value(self, arm: Moments) -> float:
        """The metric in one arm."""
        return arm.mean(self.above) / arm.mean(self.below)

    def before(self, arm: Moments) -> float:
        """The same from before."""
        return arm.mean(self.past) / arm.mean(self.size)

    def slope(self, both: Moments) -> float:
        """How much of a difference in the past goes on: θ of CUPED, 0 where nothing varied."""
        variance = both.ratio_var(self.past, self.size)
        return self._shared(both) / variance if variance else 0.0

    def variance(self, arm: Moments, slope: float) -> float:
        """Per unit, of the metric less what the past explains."""
        past = arm.ratio_var(self.past, self.size)
        return arm.ratio_var(self.above, self.below) + slope * slope * past - 2 * slope * self._shared(arm)

    def _shared(self, arm: Moments) -> float:
        return arm.ratio_cov(self.above, self.below, self.past, self.size)


@dataclass(frozen=True, slots=True)
class Welch:
    """Both arms' values, their difference with its standard error, and its interval and p at one look.

    `freedom`: degrees of freedom of Student's t. `variances`: of the control's value and of the treatment's,
    the squares of their standard errors.
    """

    control: float
    treatment: float
    difference: float
    deviation: float
    interval: tuple[float, float]
    p: float
    variances: tuple[float, float]
    freedom: float

    def factor(self, level: float) -> float:
        """Half of the interval's width at one look, in standard errors; infinite at the level 1."""
        from scipy.special import stdtrit

        return float(stdtrit(self.freedom, (1 + level) / 2))


def welch(control: Moments, treatment: Moments, metric: Ratio, level: float) -> Welch | None:
    """Compare two arms of two units or more. None where a denominator is 0 or nothing varies."""
    try:
        return _welch(control, treatment, metric, level)
    except ZeroDivisionError:
        return None


def _welch(control: Moments, treatment: Moments, metric: Ratio, level: float) -> Welch | None:
    from scipy.special import ndtri, stdtr, stdtrit

    both = control + treatment
    slope, past = metric.slope(both), metric.before(both)
    base, value = (metric.value(arm) - slope * (metric.before(arm) - past) for arm in (control, treatment))
    difference = value - base
    one, other = (metric.variance(arm, slope) / arm.count() for arm in (control, treatment))
    scale = sqrt(one + other)
    normal = float(ndtri((1 + level) / 2))
    deviation = ((difference + normal * scale) - difference) / normal
    if not isfinite(deviation) or deviation <= 0:
        return None
    freedom = (one + other) ** 2 / (one**2 / (control.count() - 1) + other**2 / (treatment.count() - 1))
    half = float(stdtrit(freedom, (1 + level) / 2)) * scale
    p = float(2 * stdtr(freedom, -(abs(difference) / scale)))
    bounds = (difference - half, difference + half)
    return Welch(base, value, difference, deviation, bounds, p, (one, other), float(freedom))
