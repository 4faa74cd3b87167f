"""Requests with scores and outcomes, of a known quality."""

from __future__ import annotations

import numpy as np


def scored_requests(seed: int, count: int, flip: bool = False) -> list[tuple[np.ndarray, np.ndarray]]:
    """(scores, outcomes) of requests with 18 items, a fifth of them good, at an AUC of 0.75."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        outcomes = (rng.random(18) < 0.2).astype(float)
        scores = rng.standard_normal(18) + 0.954 * outcomes  # sqrt(2) times the normal quantile of .75
        found.append((-scores if flip else scores, outcomes))
    return found
