"""Matured outcomes of the exploration slice, and their division into an earlier and a later part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitoring.calibration.logistic import Floats

HELD = 1 / 3
"""The later share of the requests, on which a correction is judged."""


class Rows(NamedTuple):
    """Matured outcomes of explored answers, a row per shown item, all arrays (n,).

    `time` is the decision's (unix seconds), `request` any number that tells requests apart, `score` the
    model's own (uncorrected) probability, `outcome` 0 or 1, and `weight` how many of the request's
    candidates the row stands for (1 / the probability that it was shown).
    """

    time: Floats
    request: NDArray[np.int64]
    score: Floats
    outcome: Floats
    weight: Floats

    def only(self, kept: NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows(
            self.time[kept], self.request[kept], self.score[kept], self.outcome[kept], self.weight[kept]
        )

    @property
    def requests(self) -> int:
        """How many requests they are of."""
        return len(np.unique(self.request))


def parts(rows: Rows) -> tuple[Rows, Rows]:
    """The earlier and the later requests; those of one moment are never divided."""
    moments = np.sort(rows.time[np.unique(rows.request, return_index=True)[1]])
    if not len(moments):
        return rows, rows
    boundary = moments[min(round((1 - HELD) * len(moments)), len(moments) - 1)]
    return rows.only(rows.time < boundary), rows.only(rows.time >= boundary)
