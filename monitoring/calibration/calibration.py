"""Do probabilities come true? Of the items with a probability of .2, two in ten should.

Rows of one request are alike (they share the weather of their hour), so intervals come from drawing whole
requests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitoring.calibration.logistic import Floats, log_odds, shift_of, slope_of
from monitoring.errors import UserError

BINS = 10
DRAWS = 200
LEAST_OUTCOMES = 20
"""Of each kind: with fewer, slope and calibration error are noise."""


class CalibrationError(UserError, ValueError):
    """Input that no calibration can be measured on; the message says what and why."""


@dataclass(frozen=True)
class TooLittleData:
    """What is returned when there is too little data; `reason` says in a sentence what is lacking."""

    reason: str


@dataclass(frozen=True)
class Figure:
    """A measured number, and the interval that holds it with 95% confidence (percentile bootstrap)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """How probabilities and outcomes agree. A perfect one has error 0, slope 1, intercept 0, excess 0.

    `error` is the expected calibration error over bins of equally many rows (Naeini et al., AAAI 2015); it is
    never under what chance alone gives, which `error_by_chance` says. `slope` is of the logistic regression
    of outcomes on the score's log odds, under 1 for overconfident scores; `intercept` is that regression's
    with the slope held at 1, the calibration in the large (Cox, Biometrika 45, 1958; Van Calster et al.,
    J. Clin. Epidemiol. 74, 2016). `excess` is the mean score less the mean outcome.
    """

    error: Figure
    error_by_chance: float
    slope: Figure
    intercept: Figure
    excess: Figure
    rows: int
    requests: int
    curve: tuple[tuple[float, float, int], ...]
    """(mean score, mean outcome, rows) of each bin, for the picture."""


def measure(
    scores: ArrayLike, outcomes: ArrayLike, requests: ArrayLike | None = None, seed: int = 0
) -> Calibration | TooLittleData:
    """Measure calibration; TooLittleData for fewer than 20 outcomes of a kind.

    `scores` are probabilities and `outcomes` 0 or 1, both (n,); `requests` names each row's request, every
    row its own where it is None. Raises CalibrationError for anything else.

    >>> found = measure([0.2, 0.8] * 100, [0, 1] * 100)
    >>> f"error {found.error.value:.2f}, excess {found.excess.value:.2f}, {found.rows} rows"
    'error 0.20, excess 0.00, 200 rows'
    >>> measure([0.2, 0.8], [0, 1]).reason
    'too little data to say: 1 of 2 outcomes are 1, and at least 20 of each kind are needed'
    """
    p, y = checked(scores, outcomes)
    positive = int(y.sum())
    if min(positive, len(y) - positive) < LEAST_OUTCOMES:
        return TooLittleData(
            f"too little data to say: {positive} of {len(y)} outcomes are 1, and at least {LEAST_OUTCOMES} "
            "of each kind are needed"
        )
    keys = np.arange(len(y)) if requests is None else np.unique(np.asarray(requests), return_inverse=True)[1]
    rng = np.random.default_rng(seed)
    count = int(keys.max()) + 1
    rows = _Rows.of(p, y)
    value = rows.figures(np.ones(len(y)), (0.0, 1.0), 0.0)
    start = (0.0, 1.0) if np.isnan(value).any() else (value[4], value[1])
    draws = np.array([rows.figures(_weights(keys, count, rng), start, value[2]) for _ in range(DRAWS)])
    error, slope, intercept, excess = (_figure(value[k], draws[:, k]) for k in range(4))
    by_chance = float(np.mean([rows.error(p - (rng.random(len(p)) < p), np.ones(len(p))) for _ in range(50)]))
    return Calibration(error, by_chance, slope, intercept, excess, len(y), count, rows.curve())


def _figure(value: float, draws: Floats) -> Figure:
    """NaN where the figure has no value, or has none in half of the draws."""
    known = draws[np.isfinite(draws)]
    if not np.isfinite(value) or 2 * len(known) < len(draws):
        return Figure(float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(known, [0.025, 0.975])
    return Figure(float(value), float(low), float(high))


def checked(scores: ArrayLike, outcomes: ArrayLike) -> tuple[Floats, Floats]:
    """Both as arrays of one dimension. Raises CalibrationError naming the value that is none of its kind."""
    p, y = np.asarray(scores, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)
    if p.shape != y.shape or p.ndim != 1:
        raise CalibrationError(f"scores {p.shape} and outcomes {y.shape}: one of each per row")
    if len(p) and not (p.min() >= 0 and p.max() <= 1):
        raise CalibrationError(f"score {p[~((p >= 0) & (p <= 1))][0]}: only probabilities can be calibrated")
    if not np.isin(y, (0, 1)).all():
        raise CalibrationError(f"outcome {y[~np.isin(y, (0, 1))][0]}: an outcome is 0 or 1")
    return p, y


def _weights(keys: NDArray[np.int64], count: int, rng: np.random.Generator) -> Floats:
    return np.bincount(rng.integers(0, count, count), minlength=count)[keys].astype(np.float64)


@dataclass(frozen=True)
class _Rows:
    """What every draw of requests has in common."""

    p: Floats
    y: Floats
    odds: Floats
    bins: NDArray[np.int64]

    @classmethod
    def of(cls, p: Floats, y: Floats) -> _Rows:
        """Bins of equally many rows; equal scores share one."""
        edges = np.quantile(p, np.linspace(0, 1, BINS + 1)[1:-1])
        return cls(p, y, log_odds(p), np.searchsorted(edges, p, "right").astype(np.int64))

    def figures(self, weight: Floats, start: tuple[float, float], shift: float) -> tuple[float, ...]:
        """(error, slope, intercept, excess, the slope's own intercept); Newton begins at `start`, `shift`."""
        gap = self.p - self.y
        own, slope = slope_of(self.odds, self.y, weight, start)
        intercept = shift_of(self.odds, self.y, weight, shift)
        return self.error(gap, weight), slope, intercept, float(weight @ gap / weight.sum()), own

    def error(self, gap: Floats, weight: Floats) -> float:
        return float(np.abs(np.bincount(self.bins, weight * gap, BINS)).sum() / weight.sum())

    def curve(self) -> tuple[tuple[float, float, int], ...]:
        rows = np.bincount(self.bins, minlength=BINS)
        sums = zip(
            np.bincount(self.bins, self.p, BINS), np.bincount(self.bins, self.y, BINS), rows, strict=True
        )
        return tuple((float(score / n), float(outcome / n), int(n)) for score, outcome, n in sums if n)
