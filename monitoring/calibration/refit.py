"""Calibration that follows: a correction fitted on earlier outcomes and judged on later ones.

Pure: rows of the exploration slice come in, a correction and the verdict on it go out. What is judged is
what would serve; it is not fitted again on the rows that judged it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitoring.calibration.calibration import LEAST_OUTCOMES, TooLittleData
from monitoring.calibration.correction import Additive, Correction, Isotonic, fit_additive, fit_isotonic
from monitoring.calibration.logistic import Floats, log_odds

HELD = 1 / 3
"""The later share of the requests, on which a correction is judged."""
STEPS = 20
"""At the most, of an isotonic correction before it is anchored: each holds a twentieth of the weight."""
NARROW = 0.25
"""A correction that leaves less of the scores' spread (of log odds) than this has collapsed."""
DRAWS = 1000
"""Of whole requests, for the intervals: rows of one request share its luck."""

_SURE = 1e-6  # log loss is of probabilities no nearer to 0 or 1 than that


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


class Between(msgspec.Struct, frozen=True):
    """A figure and the interval that holds it with 95% confidence (percentile bootstrap over requests)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


class Judged(msgspec.Struct, frozen=True):
    """The verdict on a correction, from `rows` held-out rows of `requests` requests.

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


class Refitted(NamedTuple):
    """A correction, fitted on `rows` rows of `requests` requests, and the verdict on it."""

    correction: Correction
    rows: int
    requests: int
    judged: Judged


def refit(
    rows: Rows, kind: Literal["additive", "isotonic"], now: Correction | None, least: int, most: float
) -> Refitted | TooLittleData:
    """Fit on the earlier requests and judge on the later ones against `now`, which serves (None: nothing).

    TooLittleData for fewer than `least` rows, or fewer than 20 outcomes of a kind in either part. `most` is
    by how much scores may move on average.
    """
    if len(rows.time) < least:
        return TooLittleData(
            f"too little data to say: {len(rows.time)} matured outcomes, and at least {least} are needed"
        )
    earlier, later = parts(rows)
    for name, part in (("earlier", earlier), ("later", later)):
        ones = int(part.outcome.sum())
        if min(ones, len(part.outcome) - ones) < LEAST_OUTCOMES:
            return TooLittleData(
                f"too little data to say: {ones} of {len(part.outcome)} outcomes of the {name} part are 1, "
                f"and at least {LEAST_OUTCOMES} of each kind are needed"
            )
    found = fit(earlier, kind)
    return Refitted(found, len(earlier.time), earlier.requests, judge(found, later, now, most))


def parts(rows: Rows) -> tuple[Rows, Rows]:
    """The earlier and the later requests; those of one moment are never divided."""
    moments = np.sort(rows.time[np.unique(rows.request, return_index=True)[1]])
    if not len(moments):
        return rows, rows
    boundary = moments[min(round((1 - HELD) * len(moments)), len(moments) - 1)]
    return rows.only(rows.time < boundary), rows.only(rows.time >= boundary)


def fit(rows: Rows, kind: Literal["additive", "isotonic"]) -> Correction:
    """Fit one kind. Raises CalibrationError without outcomes of both kinds."""
    if kind == "additive":
        return fit_additive(rows.score, rows.outcome, rows.weight)
    least = float(rows.weight.sum()) / STEPS
    return fit_isotonic(rows.score, rows.outcome, rows.weight, least).anchored(len(rows.score) / STEPS)


def judge(found: Correction, later: Rows, now: Correction | None, most: float) -> Judged:
    """Hold a correction to what serves, on rows that it was not fitted on."""
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


__all__ = ["Additive", "Between", "Isotonic", "Judged", "Refitted", "Rows", "fit", "judge", "parts", "refit"]
