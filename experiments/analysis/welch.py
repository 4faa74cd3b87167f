"""Two arms' means, or ratios of means, compared by Welch's test; with CUPED where units have a past.

Sources: Welch 1947, "The Generalization of Student's Problem when Several Different Population Variances
are Involved"; Deng, Xu, Kohavi, Walker 2013, "Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data" (CUPED). Figures are those of tea-tasting's `RatioOfMeans`, term by term.
"""

from dataclasses import dataclass
from math import isfinite, sqrt

from experiments.analysis.moments import Moments

Past = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Ratio:
    """The columns of a metric, mean(above) / mean(below), and of the same from before; None stands for 1.

    `there`, over its own size, is 1 for units that have a past: those without are told apart as such, and
    their past, which is 0 of 0, explains nothing of them. Both explain at once, as they are
    uncorrelated.
    """

    above: str
    below: str | None = None
    past: str | None = None
    size: str | None = None
    there: Past | None = None

    def value(self, arm: Moments) -> float:
        """The metric in one arm."""
        return arm.mean(self.above) / arm.mean(self.below)

    @property
    def pasts(self) -> tuple[Past, ...]:
        """What explains: the same from before, and whether there is one."""
        of_one = ((self.past, self.size),)
        return of_one if self.there is None else (*of_one, self.there)

    def before(self, arm: Moments) -> tuple[float, ...]:
        """Each of `pasts` in one arm."""
        return tuple(arm.mean(past) / arm.mean(size) for past, size in self.pasts)

    def slopes(self, both: Moments) -> tuple[float, ...]:
        """How much of a difference in each of `pasts` goes on: θ of CUPED, 0 where nothing varied."""
        variances = [both.ratio_var(*past) for past in self.pasts]
        shared = [self._shared(both, past) for past in self.pasts]
        return tuple(
            of / variance if variance else 0.0 for of, variance in zip(shared, variances, strict=True)
        )

    def variance(self, arm: Moments, slopes: tuple[float, ...]) -> float:
        """Per unit, of the metric less what the pasts explain."""
        whole = arm.ratio_var(self.above, self.below)
        for slope, past in zip(slopes, self.pasts, strict=True):
            whole = whole + slope * slope * arm.ratio_var(*past) - 2 * slope * self._shared(arm, past)
        if len(slopes) > 1:
            whole += 2 * slopes[0] * slopes[1] * arm.ratio_cov(*self.pasts[0], *self.pasts[1])
        return whole

    def _shared(self, arm: Moments, past: Past) -> float:
        return arm.ratio_cov(self.above, self.below, *past)


@dataclass(frozen=True, slots=True)
class Welch:
    """Both arms' values, their difference with its standard error, and its interval and p at one look.

    `freedom`: degrees of freedom of Student's t. `slope`: of CUPED on the past. `variances`: of the control's
    value and of the treatment's, the squares of their standard errors.
    """

    control: float
    treatment: float
    difference: float
    deviation: float
    interval: tuple[float, float]
    p: float
    variances: tuple[float, float]
    freedom: float
    slope: float = 0.0

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


def _adjusted(metric: Ratio, arm: Moments, slopes: tuple[float, ...], pasts: tuple[float, ...]) -> float:
    value = metric.value(arm)
    for slope, before, past in zip(slopes, metric.before(arm), pasts, strict=True):
        value -= slope * (before - past)
    return value


def _welch(control: Moments, treatment: Moments, metric: Ratio, level: float) -> Welch | None:
    from scipy.special import ndtri, stdtr, stdtrit

    both = control + treatment
    slopes, pasts = metric.slopes(both), metric.before(both)
    base, value = (_adjusted(metric, arm, slopes, pasts) for arm in (control, treatment))
    difference = value - base
    one, other = (metric.variance(arm, slopes) / arm.count() for arm in (control, treatment))
    scale = sqrt(max(one + other, 0.0))  # rounding may leave −1e−18
    normal = float(ndtri((1 + level) / 2))
    deviation = ((difference + normal * scale) - difference) / normal
    if not isfinite(deviation) or deviation <= 0:
        return None
    freedom = (one + other) ** 2 / (one**2 / (control.count() - 1) + other**2 / (treatment.count() - 1))
    half = float(stdtrit(freedom, (1 + level) / 2)) * scale
    p = float(2 * stdtr(freedom, -(abs(difference) / scale)))
    bounds = (difference - half, difference + half)
    return Welch(base, value, difference, deviation, bounds, p, (one, other), float(freedom), slopes[0])
