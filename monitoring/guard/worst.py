"""The most evidence that a healthy reference, in its own order, ever has against a limit.

Requests of an hour are alike, and what is missing at night is missing for hours: observations come in runs,
which no share over all of them shows. A limit is sound where the reference itself never comes near a trip.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from monitoring.guard.evidence import Evidence, Odds

TOGETHER = 5  # observations of one look
HALF = 0.5  # of the evidence for a trip, which a reference may come to


def worst(observations: NDArray[np.float64], limit: float) -> float:
    """Natural logarithm of the most evidence; observations in [0, 1], NaN for none.

    >>> worst(np.ones(10), 0.5) > worst(np.tile([0.0, 1.0], 5), 0.5) + 4
    True
    """
    told = observations[~np.isnan(observations)]
    evidence, most = Evidence(limit), -math.inf
    for low in range(0, len(told), TOGETHER):
        evidence.look(told[low : low + TOGETHER])
        most = max(most, evidence.log_any)
    return most


def sound(observations: NDArray[np.float64], limits: Iterable[float], odds: Odds) -> float | None:
    """The first of some limits against which a reference has at most half of the evidence for a trip."""
    enough = HALF * math.log(odds.run_length)
    return next((limit for limit in limits if worst(observations, limit) <= enough), None)
