"""Corrections: rising functions from a model's probabilities to the served ones, fitted on outcomes.

There are two kinds. Both rise strictly, so they never change the order of two scores (rounding may make them
equal), and both can be undone. They use only arithmetic that every machine rounds alike (+ − × ÷, no exp or
log), so a score that is corrected again on another machine is the same, bit for bit.
"""

from __future__ import annotations

import math
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitoring.calibration.calibration import CalibrationError, checked
from monitoring.calibration.logistic import Floats, log_odds, shift_of


class Additive(msgspec.Struct, frozen=True, tag="additive", tag_field="kind"):
    """A correction that adds the same to every score's log odds; their slope stays the same.

    `odds` is what a score's odds are multiplied with. 0 and 1 stay what they are.
    """

    odds: float

    @property
    def shift(self) -> float:
        """What is added to the log odds."""
        return math.log(self.odds)

    def apply(self, scores: Floats) -> Floats:
        """Corrected probabilities, same shape; NaN stays NaN. Each step is monotone, so the whole is."""
        with np.errstate(divide="ignore", over="ignore"):
            corrected: Floats = 1 / (1 + (1 - scores) / scores / self.odds)
        return corrected

    def undone(self, scores: Floats) -> Floats:
        """The scores that `apply` made these of, but for rounding."""
        return Additive(1 / self.odds).apply(scores)


class Isotonic(msgspec.Struct, frozen=True, tag="isotonic", tag_field="kind", dict=True):
    """A correction by straight lines through rising points (`scores[k]`, `values[k]`), level beyond them."""

    scores: tuple[float, ...]
    values: tuple[float, ...]

    def apply(self, scores: Floats) -> Floats:
        """Corrected probabilities, same shape; NaN stays NaN."""
        start, value, slope, most = self._lines
        line = np.searchsorted(self._points, scores, "right")
        # Held to where the next line begins: rounding must not lift a score over one that is higher.
        corrected: Floats = np.minimum(value[line] + slope[line] * (scores - start[line]), most[line])
        return corrected

    def undone(self, scores: Floats) -> Floats:
        """The scores that `apply` made these of, but for rounding, where no part of it is level."""
        return np.asarray(np.interp(scores, self.values, self.scores), dtype=np.float64)

    @cached_property
    def _points(self) -> Floats:
        return np.array(self.scores, dtype=np.float64)

    @cached_property
    def _lines(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Start, value there, slope, largest value: of what is below the points, between, above: (k + 1)."""
        x, y = self._points, np.array(self.values, dtype=np.float64)
        slope = np.concatenate([[0.0], np.diff(y) / np.diff(x), [0.0]])
        return np.append(x[0], x), np.append(y[0], y), slope, np.append(y, y[-1])

    def anchored(self, rows: float) -> Isotonic:
        """With lines on to (0, 0) and (1, 1), and no step at exactly 0 or 1.

        Such a step gets half an outcome of the other kind in `rows` rows. So the curve rises everywhere, and
        an outcome of the other kind has a finite log loss.
        """
        values = np.array(self.values)
        low, high = values[1:2].min(initial=1.0) / 2, (values[-2:-1].max(initial=0.0) + 1) / 2
        values[0] = values[0] or min(0.5 / rows, low)
        if values[-1] == 1:
            values[-1] = max(1 - 0.5 / rows, high)
        points = [(x, y) for x, y in zip(self.scores, values.tolist(), strict=True) if 0 < x < 1]
        whole = [(0.0, 0.0), *points, (1.0, 1.0)]
        return Isotonic(tuple(x for x, _ in whole), tuple(y for _, y in whole))


Correction = Additive | Isotonic


def fit_additive(scores: ArrayLike, outcomes: ArrayLike, weights: ArrayLike | None = None) -> Additive:
    """The correction that makes the mean score the mean outcome; without `weights` all rows count alike.

    Raises CalibrationError without outcomes of both kinds.

    >>> found = fit_additive([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0])
    >>> found.apply(np.array([0.5, 0.8])).round(3).tolist()
    [0.25, 0.571]
    """
    p, y = checked(scores, outcomes)
    _both_kinds(y)
    return Additive(math.exp(shift_of(log_odds(p), y, _weighed(weights, y), 0.0)))


def fit_isotonic(
    scores: ArrayLike, outcomes: ArrayLike, weights: ArrayLike | None = None, least: float = 0.0
) -> Isotonic:
    """The non-decreasing steps of least squares (pool adjacent violators; Ayer et al., 1955).

    Scores next to each other are taken as one until they weigh `least`. Raises CalibrationError without
    outcomes of both kinds.

    >>> fit_isotonic([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1])
    Isotonic(scores=(0.1, 0.25, 0.4), values=(0.0, 0.5, 1.0))
    """
    p, y = checked(scores, outcomes)
    _both_kinds(y)
    weight = _weighed(weights, y)
    place = _together(p, weight, least)
    sums = (np.bincount(place, each) for each in (weight * y, weight, weight * p))
    blocks: list[tuple[float, float, float]] = []  # (sum of outcomes, weight, sum of scores)
    for block in zip(*(each.tolist() for each in sums), strict=True):
        blocks.append(block)
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            last, before = blocks.pop(), blocks.pop()
            blocks.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    return Isotonic(tuple(s / n for _, n, s in blocks), tuple(t / n for t, n, _ in blocks))


def _together(p: Floats, weight: Floats, least: float) -> NDArray[np.int64]:
    """The place of each row's step before pooling: equal scores share one, light neighbours too."""
    distinct, where = np.unique(p, return_inverse=True)
    if not least:
        return where.astype(np.int64)
    places, place, held = [], 0, 0.0
    for each in np.bincount(where, weight, len(distinct)).tolist():
        if held >= least:
            place, held = place + 1, 0.0
        held += each
        places.append(place)
    if held < least and place:  # the last few join those before
        places = [min(each, place - 1) for each in places]
    return np.array(places, dtype=np.int64)[where]


def _weighed(weights: ArrayLike | None, y: Floats) -> Floats:
    return np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)


def _both_kinds(y: Floats) -> None:
    if not 0 < y.sum() < len(y):
        raise CalibrationError(f"{int(y.sum())} of {len(y)} outcomes are 1: both kinds are needed")
