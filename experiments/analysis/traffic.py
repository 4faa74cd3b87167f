"""How what is known of a metric grows with the days that units come for, as a log of the past has it.

Units return: the number of new ones a day falls, and those that are there are known better. So an
experiment of t days is what the first t days of the past were, cut into arms: with Σ numerator / Σ
denominator over all units and its variance after t days, by the delta method over units (Deng, Knoblich, Lu
2018). Between days of the past logarithms are interpolated; beyond its end the last third's slope goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.course import values_of
from experiments.analysis.moments_in_time import TimeParts, columns_of
from experiments.config.problems import AnalysisError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Traffic:
    """After each of `days` (growing): `units` seen so far, and the standard error of the metric's `mean`.

    `reduction`: share of the variance that CUPED would remove, None where that isn't known. `rows`: decisions
    with a value per unit, over all of the past.
    """

    metric: str
    mean: float
    days: tuple[float, ...]
    units: tuple[float, ...]
    errors: tuple[float, ...]
    reduction: float | None = None
    rows: float = 1.0

    @property
    def deviation(self) -> float:
        """Standard deviation per unit over all of the past."""
        return self.errors[-1] * sqrt(self.units[-1])

    def units_after(self, days: Floats) -> Floats:
        """Units after so many days."""
        return _grown(self.days, self.units, days)

    def error_after(self, days: Floats, share: float, part: float = 1.0) -> Floats:
        """Standard error of the difference between two arms after so many days, `share` of the units in the
        treated one, and `part` of all units in the experiment."""
        variance = _grown(self.days, [each**2 for each in self.errors], days)
        return np.sqrt(variance * (1 / share + 1 / (1 - share)) / part)


def traffic_of(parts: TimeParts, metric: str) -> Traffic:
    """From moments by day of one arm of all units. AnalysisError where the metric is 0 or never varies."""
    [moments] = parts.moments.values()
    found = values_of(moments, parts, "summed up")
    variances = np.diag(found.covariance)
    known = np.flatnonzero((found.units >= 2) & (variances > 0) & np.isfinite(found.values))
    if len(known) < 2 or not found.values[known[-1]]:
        raise AnalysisError(
            f"{metric}: the log has no two days of it with variation and a mean other than 0; take more "
            "days, or a metric whose outcomes come"
        )
    return Traffic(
        metric,
        float(found.values[known[-1]]),
        tuple(parts.elapsed[index] for index in known),
        tuple(float(found.units[index]) for index in known),
        tuple(float(each) ** 0.5 for each in variances[known]),
        rows=sum(moments.mean(name) for name in columns_of(parts, "d")),
    )


def _grown(days: Sequence[float], values: Sequence[float], wanted: Floats) -> Floats:
    """Interpolated on logarithms; before the first day in proportion to its direction, beyond the last by the
    slope of the last third."""
    at, known = np.log(np.asarray(days)), np.log(np.asarray(values))
    first = max(0, min(len(at) - 2, 2 * len(at) // 3 - 1))
    slope = float((known[-1] - known[first]) / (at[-1] - at[first]))
    early = 1.0 if known[-1] > known[0] else -1.0
    asked = np.log(wanted)
    inner = np.interp(asked, at, known)
    late = known[-1] + np.clip(slope, -1.0, 1.0) * (asked - at[-1])
    before = known[0] + early * (asked - at[0])
    found: Floats = np.exp(np.where(asked > at[-1], late, np.where(asked < at[0], before, inner)))
    return found
