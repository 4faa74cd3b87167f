"""Relative effects with intervals: the control's mean is an estimate as well.

A relative effect r is in the interval where difference − r · control is not clear of 0, by as many standard
errors as the difference's own interval has (Fieller 1954, "Some Problems in Interval Estimation"). Whatever
holds for the difference at every look holds for r: each r is tested by an estimate of its own. So r = 0 is in
the interval exactly where a difference of 0 is in the difference's.
"""

from dataclasses import dataclass
from math import inf, sqrt


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference and the control's value that it is a share of, with variances and their covariance."""

    difference: float
    control: float
    variance: float
    control_variance: float
    covariance: float


def relative(found: Compared, factor: float) -> tuple[float, float] | None:
    """Interval of difference / |control|, `factor` standard errors wide to either side.

    None where the control's value is not clear of 0 by as many: then no relative effect is excluded for sure.

    >>> low, high = relative(Compared(1.0, 10.0, 0.02, 0.01, -0.01), 1.96)
    >>> f"{low:.4f} {high:.4f}"
    '0.0713 0.1296'
    """
    square = found.control * found.control - factor**2 * found.control_variance
    if not 0 < square < inf or not factor < inf:
        return None
    middle = found.difference * found.control - factor**2 * found.covariance
    rest = found.difference * found.difference - factor**2 * found.variance
    root = sqrt(max(middle * middle - square * rest, 0.0))
    low, high = (middle - root) / square, (middle + root) / square
    return (low, high) if found.control > 0 else (-high, -low)
