"""Observations of one request in [0, 1]: 0 is the same order or the right one, 1 is upside down.

Pure arithmetic on small arrays. A request whose order can't be compared gives None.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def disagreement(scores: Floats, others: Floats) -> float | None:
    """(1 - Spearman's correlation) / 2 of two score vectors, ties at their mean rank.

    None for fewer than two items and where one side is constant: there is no order to compare.
    """
    if len(scores) != len(others):
        raise ValueError(f"{len(scores)} scores and {len(others)} others: they are of the same items")
    if len(scores) < 2:
        return None
    one, other = (ranks(values) for values in (scores, others))
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return None if size == 0 else min(1.0, max(0.0, (1 - float(one @ other) / size) / 2))


def discordance(scores: Floats, outcomes: Floats) -> float | None:
    """The share of pairs of items with different outcomes that the scores put the wrong way, ties half.

    0.5 is chance, 1 is upside down (one minus the area under the ROC curve, where outcomes are 0 and 1).
    None where no two outcomes differ. Items whose outcome is not known yet are not to be among them.
    """
    if len(scores) != len(outcomes):
        raise ValueError(f"{len(scores)} scores and {len(outcomes)} outcomes: one of each per item")
    wrong, pairs = 0.0, 0
    for level in np.unique(outcomes)[1:]:
        better, worse = scores[outcomes == level], np.sort(scores[outcomes < level])
        below = np.searchsorted(worse, better, "left") + np.searchsorted(worse, better, "right")
        pairs += len(better) * len(worse)
        wrong += len(better) * len(worse) - float(below.sum()) / 2
    return wrong / pairs if pairs else None


def outside(scores: Floats, low: float, high: float) -> float | None:
    """The share of one request's scores outside [low, high]; None without scores."""
    return float(((scores < low) | (scores > high)).mean()) if len(scores) else None


def ranks(values: Floats) -> Floats:
    """Ranks from 0, equal values at the mean of theirs."""
    distinct, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: Floats = (last - 1) - (counts - 1) / 2
    return mean[where].astype(np.float64) if len(distinct) else np.empty(0)
