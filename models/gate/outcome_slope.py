"""By how much outcomes change where scores do: about 1 for scores that predict outcomes.

It says whether scores are as far apart as they should be, without another version to compare them with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.gate.stats import Floats, GateEstimate, Ints, request_of
from models.gate.window import RequestWindow

Z = 2.576  # of a 99% interval


def outcome_slope(scores: Floats, window: RequestWindow, ranks: bool) -> GateEstimate:
    """With its 99% interval: of labels on scores inside requests, of two classes on the log-odds.

    By request, as those of one are dependent (Liang and Zeger 1986).
    """
    if not ranks and window.positive is not None:
        return slope(scores, window.truth)
    request = request_of(window.starts) if window.ordered else np.zeros(len(scores), np.int64)
    own, label = _centred(scores, request), _centred(window.labels, request)
    size = float(own @ own)
    if not size > 0:
        return GateEstimate(np.nan, -np.inf, np.inf, window.requests)
    value = float(own @ label) / size
    blocks = request if window.ordered else np.arange(len(scores))
    sums = np.bincount(blocks, own * (label - value * own))
    half = Z * float(np.sqrt(np.square(sums).sum())) / size
    return GateEstimate(value, value - half, value + half, window.requests)


def slope(probabilities: Floats, truth: NDArray[np.bool_]) -> GateEstimate:
    """Slope of the logistic regression of outcomes on the log-odds (Cox 1958), with its Wald interval."""
    logits = log_odds(probabilities)
    design = np.column_stack((np.ones_like(logits), logits))
    weights = np.zeros(2)  # from 1, steps of an overconfident model's would overshoot and come back for ever
    for _ in range(30):
        fitted = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        information = design.T @ (design * (fitted * (1 - fitted))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(information, design.T @ (truth - fitted))
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    half = 2.576 * float(np.sqrt(np.linalg.inv(information)[1, 1]))
    return GateEstimate(float(weights[1]), float(weights[1] - half), float(weights[1] + half), len(logits))


def log_odds(probabilities: Floats) -> Floats:
    """ln(p / (1 − p)), for p of at least a millionth and at most a millionth from 1."""
    inside = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)))


def _centred(values: Floats, request: Ints) -> Floats:
    return np.asarray(values - (np.bincount(request, values) / np.maximum(np.bincount(request), 1))[request])
