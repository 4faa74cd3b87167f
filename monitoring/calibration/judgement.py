"""Whether a correction may serve: compared with what serves now, on outcomes that it was not fitted on."""

from __future__ import annotations

import msgspec
import numpy as np

from monitoring.calibration.correction import Correction
from monitoring.calibration.logistic import Floats, log_odds
from monitoring.calibration.rows import Rows

NARROW = 0.25
"""A correction that leaves less of the scores' spread (of log odds) than this has collapsed."""
DRAWS = 1000
"""Of whole requests, for the intervals: rows of one request share its luck."""

_SURE = 1e-6  # log loss is of probabilities no nearer to 0 or 1 than that


class Between(msgspec.Struct, frozen=True):
    """A figure and the interval that holds it with 95% confidence (percentile bootstrap over requests)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


class Judged(msgspec.Struct, frozen=True):
    """The judgement on a correction, from `rows` held-out rows of `requests` requests.

    `loss` is its log loss per row less that of what serves now: below 0 is better. `excess` is its mean
    score less the mean outcome, and `excess_now` that of what serves; `moved` is by how much a score moves
    on average. `reasons` is why it must not serve, empty where it may.
    """

    rows: int
    requests: int
    loss: Between
    excess: Between
    excess_now: Between
    moved: float
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the correction may serve."""
        return not self.reasons


def judge(found: Correction, later: Rows, now: Correction | None, most: float) -> Judged:
    """Compare a correction with what serves now, on rows that it was not fitted on."""
    new = found.apply(later.score)
    old = later.score if now is None else now.apply(later.score)
    loss = _between(later, _loss(new, later.outcome) - _loss(old, later.outcome))
    excess, before = (_between(later, scores - later.outcome) for scores in (new, old))
    moved = float(later.weight @ np.abs(new - later.score) / later.weight.sum())
    judged = Judged(len(new), later.requests, loss, excess, before, moved)
    reasons = (*_unsound(found), *_narrow(new, later), *_worse(judged), *_far(judged, most))
    return msgspec.structs.replace(judged, reasons=reasons)


def _unsound(found: Correction) -> tuple[str, ...]:
    """Not finite, no probabilities, or falling anywhere on a fine grid."""
    curve = found.apply(np.linspace(0, 1, 1001))
    if not np.isfinite(curve).all() or curve.min() < 0 or curve.max() > 1:
        return ("it gives values that are no probabilities",)
    if (np.diff(curve) < 0).any():
        return ("it turns scores round: a higher one gets a lower probability",)
    return ()


def _narrow(new: Floats, later: Rows) -> tuple[str, ...]:
    left = float(log_odds(new).std() / max(log_odds(later.score).std(), 1e-12))
    if left >= NARROW:
        return ()
    return (
        f"it makes scores nearly constant: {left:.0%} of their spread is left, {NARROW:.0%} is the least",
    )


def _worse(judged: Judged) -> tuple[str, ...]:
    """Log loss must come out lower; in the large it must not be clearly farther off."""
    found = []
    if not judged.loss.value < 0:
        found.append(f"later outcomes fit it no better: log loss {judged.loss} against what serves")
    now, new = judged.excess_now, judged.excess
    if min(abs(new.low), abs(new.high)) > max(abs(now.low), abs(now.high)) and new.low * new.high > 0:
        found.append(f"on the whole it is farther off than what serves: {new} after {now}")
    return tuple(found)


def _far(judged: Judged, most: float) -> tuple[str, ...]:
    if judged.moved <= most:
        return ()
    return (f"it moves scores by {judged.moved:.3f} on average: correction.most is {most:g}",)


def _loss(scores: Floats, outcomes: Floats) -> Floats:
    p = np.clip(np.where(outcomes == 1, scores, 1 - scores), _SURE, 1)
    loss: Floats = -np.log(p)
    return loss


def _between(rows: Rows, values: Floats) -> Between:
    """The weighted mean of `values` by row, with its interval over drawn requests."""
    keys = np.unique(rows.request, return_inverse=True)[1]
    total, weight = np.bincount(keys, rows.weight * values), np.bincount(keys, rows.weight)
    drawn = np.random.default_rng(0).integers(0, len(total), (DRAWS, len(total)))
    means = total[drawn].sum(axis=1) / weight[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Between(float(total.sum() / weight.sum()), float(low), float(high))
