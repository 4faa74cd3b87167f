"""Log odds, and the two regressions on them that calibration needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CLIP = 1e-6  # keeps log odds finite; a score nearer to 0 or 1 than that claims certainty


def slope_of(odds: Floats, y: Floats, weight: Floats, start: tuple[float, float]) -> tuple[float, float]:
    """(intercept, slope) of the weighted logistic regression, by Newton; NaN where it does not settle.

    From the slope 1 the steps of overconfident scores overshoot, without end from three times the log odds
    on; from 0 they don't.
    """
    found = _newton(odds, y, weight, start)
    return found if np.isfinite(found).all() else _newton(odds, y, weight, (0.0, 0.0))


def _newton(odds: Floats, y: Floats, weight: Floats, start: tuple[float, float]) -> tuple[float, float]:
    a, b = start
    for _ in range(25):
        p = probability(a + b * odds)
        residual, variance = weight * (y - p), weight * p * (1 - p)
        cross = float(variance @ odds)
        hessian = np.array([[variance.sum(), cross], [cross, float(variance @ (odds * odds))]])
        if not np.linalg.det(hessian) > 1e-9 * hessian[0, 0] * hessian[1, 1]:
            break  # all scores alike, or outcomes that a threshold tells apart
        step = np.linalg.solve(hessian, np.array([residual.sum(), float(residual @ odds)]))
        a, b = a + float(step[0]), b + float(step[1])
        if np.abs(step).max() < 1e-7:
            return a, b
    return float("nan"), float("nan")


def shift_of(odds: Floats, y: Floats, weight: Floats, start: float) -> float:
    """The shift of the log odds that makes the weighted mean score the mean outcome, by Newton.

    The mean rises with the shift, and steps are held to 2, so that it cannot run away. Infinite where all
    outcomes that weigh anything are alike.
    """
    shift, wanted = start, float(weight @ y)
    if not 0 < wanted < weight.sum():
        return float("inf") if wanted else float("-inf")
    for _ in range(200):
        p = probability(odds + shift)
        step = (wanted - float(weight @ p)) / max(float(weight @ (p * (1 - p))), 1e-12)
        shift += min(2.0, max(-2.0, step))
        if abs(step) < 1e-9:
            break
    return shift


def log_odds(p: Floats) -> Floats:
    """Of probabilities, as if none were nearer to 0 or 1 than a millionth."""
    clipped = np.clip(p, _CLIP, 1 - _CLIP)
    odds: Floats = np.log(clipped) - np.log1p(-clipped)
    return odds


def probability(odds: Floats) -> Floats:
    """Of log odds; 0 and 1 beyond 40."""
    probability: Floats = 1 / (1 + np.exp(-np.clip(odds, -40.0, 40.0)))
    return probability
