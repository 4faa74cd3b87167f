"""Corrections that make scores mean what they say again: fitted on outcomes, plain values, versioned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from monitoring.calibration import CalibrationError, checked
from monitoring.logistic import Floats, log_odds, probability, shift_of


@dataclass(frozen=True)
class Additive:
    """A correction that moves every score's log odds by the same: right order kept, slope kept."""

    shift: float

    def apply(self, scores: Floats) -> Floats:
        """Corrected probabilities, same shape."""
        return probability(log_odds(scores) + self.shift)


@dataclass(frozen=True)
class Isotonic:
    """A correction by steps that never change the order of two scores, though they may tie them."""

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def apply(self, scores: Floats) -> Floats:
        """Corrected probabilities: straight lines between the steps' middles, level beyond them."""
        return np.asarray(np.interp(scores, self.scores, self.values), dtype=np.float64)


def fit_additive(scores: ArrayLike, outcomes: ArrayLike) -> Additive:
    """The shift at which the mean score is the mean outcome. Raises CalibrationError without both kinds."""
    p, y = checked(scores, outcomes)
    _both_kinds(y)
    return Additive(shift_of(log_odds(p), y, np.ones(len(y)), 0.0))


def fit_isotonic(scores: ArrayLike, outcomes: ArrayLike) -> Isotonic:
    """The non-decreasing steps of least squares (pool adjacent violators; Ayer et al., 1955).

    Raises CalibrationError without outcomes of both kinds.
    """
    p, y = checked(scores, outcomes)
    _both_kinds(y)
    distinct, where = np.unique(p, return_inverse=True)
    weight = np.bincount(where).astype(np.float64)
    blocks: list[tuple[float, float, float]] = []  # (sum of outcomes, rows, sum of scores)
    for total, rows, score in zip(np.bincount(where, y), weight, distinct, strict=True):
        blocks.append((float(total), float(rows), float(score * rows)))
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last, before = blocks.pop(), blocks.pop()
            blocks.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return Isotonic(tuple(s / n for _, n, s in blocks), tuple(t / n for t, n, _ in blocks))


def _both_kinds(y: Floats) -> None:
    if not 0 < y.sum() < len(y):
        raise CalibrationError(f"{int(y.sum())} of {len(y)} outcomes are 1: both kinds are needed")
