"""Made-up rows whose true probabilities are known."""

from __future__ import annotations

import numpy as np

from monitoring.calibration.calibration import Calibration, measure
from monitoring.calibration.logistic import log_odds, probability
from monitoring.calibration.rows import HELD, Rows


def calibrated(seed: int, requests: int = 300, items: int = 10, luck: float = 0.0) -> tuple[np.ndarray, ...]:
    """(true probabilities, outcomes, requests); `luck` is what a request's rows share."""
    rng = np.random.default_rng(seed)
    request = np.repeat(np.arange(requests), items)
    odds = rng.standard_normal(requests * items) * 1.2 - 1.2
    true = probability(odds)
    seen = probability(odds + luck * rng.standard_normal(requests)[request])
    return true, (rng.random(len(true)) < seen).astype(float), request


def shifted(seed: int, requests: int = 400, shift: float = 0.8, later: float | None = None) -> Rows:
    """Requests of ten over as many minutes; the world is off by `shift`, in the later part by `later`."""
    draw = np.random.default_rng(seed)
    request = np.repeat(np.arange(requests), 10)
    score = probability(draw.standard_normal(len(request)) - 1)
    held = request >= (1 - HELD) * requests
    off = np.where(held, shift if later is None else later, shift)
    outcome = (draw.random(len(request)) < probability(log_odds(score) + off)).astype(float)
    return Rows(request * 60.0, request, score, outcome, np.ones(len(request)))


def measured(*arguments: object) -> Calibration:
    found = measure(*arguments)  # type: ignore[arg-type]
    assert isinstance(found, Calibration), found
    return found
