"""Do probabilities mean what they say? For two-class rankers, whose scores are served as probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.gate import stats
from models.gate.basis import training, whole
from models.gate.compare import LEAST, Comparison
from models.gate.outcome_slope import slope
from models.gate.scarcity import too_few
from models.gate.stats import Floats
from models.gate.subject import Subject
from models.gate.verdict import Check, Result
from models.training.ranking_metrics import ece

Bools = NDArray[np.bool_]
DEFAULT_ECE = 0.1  # where [expect] says nothing: twice what the flights show after nine months of drift
SLOPE = (0.5, 2.0)  # of the logistic recalibration; 1 is right, below 1 is overconfident
DRAWS = 200
LEAST_ROWS, MOST_ROWS = 60, 200  # rows that are needed: never fewer, and never more


def calibration(subject: Subject) -> Iterator[Check]:
    """Expected calibration error, slope and intercept, with intervals, over all and by slice."""
    if subject.declared.ranks:
        return
    for comparison in subject.comparisons:
        window = comparison.window
        limit, source = _limit(subject)
        needed = rows_needed(float(window.truth.mean()) if len(window.labels) else 0.5, limit)
        if few := too_few("calibration", window, len(window.labels), "rows", needed):
            yield few
            continue
        if len(window.labels) < needed:
            sentence = (
                f"{len(window.labels)} rows of {window.source} are too few to judge probabilities by: "
                f"{needed} show a mean that is off by {limit:g}"
                f"{whole(needed, len(window.labels), training(subject), 'rows')}, or a larger data.test_share"
            )
            yield Check("calibration", Result.HOLD, sentence, len(window.labels), needed, source, "rows")
            continue
        yield _error(subject, comparison)
        yield _slope(comparison)
        yield from _slices(subject, comparison)


def rows_needed(share: float, limit: float) -> int:
    """So many rows that a mean probability that is off by the limit lies outside of a 99% interval."""
    return int(np.clip(np.ceil(share * (1 - share) * (2.576 / limit) ** 2), LEAST_ROWS, MOST_ROWS))


def _limit(subject: Subject) -> tuple[float, str]:
    declared = subject.served.expect.calibration
    if declared is None:
        return DEFAULT_ECE, "default"
    return declared.max_ece, "expect.calibration.max_ece"


def _error(subject: Subject, comparison: Comparison) -> Check:
    limit, source = _limit(subject)
    found = error_interval(comparison.own, comparison.window.truth)
    noise = stats.calibration_noise(comparison.own)
    low = found.low - noise
    result = Result.PASS if low <= limit else Result.REJECT if low > 2 * limit else Result.HOLD
    sentence = (
        f"expected calibration error {found} on {comparison.window.source}, of which {noise:.3f} is what a "
        f"right model of these probabilities has by chance"
    )
    return Check(f"calibration on {comparison.window.source}", result, sentence, found.value, limit, source)


def error_interval(probabilities: Floats, truth: Bools) -> stats.GateEstimate:
    """Expected calibration error with its 99% bootstrap interval by row."""
    draw = np.random.default_rng(0)
    outcomes = truth.astype(float)
    errors = []
    for _ in range(DRAWS):
        rows = draw.integers(0, len(outcomes), len(outcomes))
        errors.append(ece(outcomes[rows], probabilities[rows]))
    value = ece(outcomes, probabilities)
    low, high = np.quantile(errors, [0.005, 0.995])
    return stats.GateEstimate(value, min(value, float(low)), float(high), len(outcomes))


def _slope(comparison: Comparison) -> Check:
    found = slope(comparison.own, comparison.window.truth)
    low, high = SLOPE
    name = f"confidence on {comparison.window.source}"
    if found.high < low:
        result, word = Result.HOLD, "overconfident: probabilities are too far from the middle"
    elif found.low > high:
        result, word = Result.HOLD, "underconfident: probabilities are too near the middle"
    else:
        result, word = Result.PASS, "probabilities are as far apart as outcomes"
    sentence = f"{word}: calibration slope {found}, 1 is right"
    return Check(name, result, sentence, found.value, low if found.value < 1 else high, "default")


def _slices(subject: Subject, comparison: Comparison) -> Iterator[Check]:
    """In the large, slice by slice: the mean probability against the share of ones."""
    limit, source = _limit(subject)
    for where, part in comparison.slices():
        truth = part.window.truth
        if len(truth) < max(LEAST, MOST_ROWS // 2):
            continue
        low, high = stats.wilson(int(truth.sum()), len(truth))
        says = float(part.own.mean())
        gap = max(low - says, says - high, 0.0)
        if gap > 2 * limit:
            sentence = (
                f"says {says:.3f} where {where}, and {truth.mean():.3f} (99% {low:.3f} to {high:.3f}) came"
            )
            yield Check(f"calibration where {where}", Result.HOLD, sentence, gap, 2 * limit, source)
