"""Evidence that a mean has left its limit, from a test that stays valid however often one looks.

Observations lie in [0, 1]; healthy means that each has, given the past, a mean of at most `limit`. Nothing
else is assumed: rows of one request may depend on each other when their mean is one observation.

The evidence is the wealth of a gambler who bets against health: a bet of size b multiplies it by 1 + b (x −
limit), which a healthy stream cannot raise on average (Waudby-Smith & Ramdas, "Estimating means of bounded
random variables by betting", JRSS-B 86, 2024; for 0 and 1 it is the likelihood ratio of Wald's test). Several
sizes of bet are placed side by side, so that small and large faults both show. Each begins with wealth in
proportion to the root of the fault that it is for. So large faults are seen first, and small ones not much
later. Two tests share the bets:

- Since the start: wealth from one coin laid down then. It ever reaches 1/alpha with probability at most
  alpha on a healthy stream (Ville 1939). For a version that is wrong from its first answer.
- Since any moment: one more coin is laid down at every look (Shiryaev-Roberts). The sum M_t has mean at
  most t, so on a healthy stream P(some look of the first T sees M >= r) <= T / r, by Doob's inequality, and
  the mean time to a false alarm is at least r looks (Shin, Ramdas & Rinaldo, "E-detectors", NEJSDS 2,
  2024). For a version that goes wrong later. The richest of its coins says when the change began: `change`.

Together, the probability of a false alarm in T looks is at most alpha + T / r, however often one looks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitoring.guard.change import MeanChange, Richest

ALPHA = 0.001
LOOKS_PER_YEAR = 365.25 * 86400
"""Looks of a clock that ticks every second."""

_REACH = 0.97 * 2.0 ** -np.arange(10)
"""How far towards 1 each bet's own alternative lies from the limit: from nearly 1 down to 0.2%."""

_LOG_SHARE = 0.5 * np.log(_REACH) - np.log(np.sqrt(_REACH).sum())
"""Each bet's share of the first coin, as a logarithm. Beside equal shares it takes 8% fewer observations of
an order that is upside down, and 20% more of a share of 2% where 1% is the limit."""


@dataclass(frozen=True)
class Odds:
    """How much evidence is enough for a trip.

    `alpha` is the greatest probability that the test since the start ever gives a false alarm. `run_length`,
    in looks, is the least mean time between two false alarms of the test since any moment.
    """

    alpha: float = ALPHA
    run_length: float = 100 * LOOKS_PER_YEAR

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ValueError(f"alpha {self.alpha}: a false-alarm probability lies between 0 and 1")
        if not self.run_length >= 1:
            raise ValueError(f"run_length {self.run_length}: at least one look lies between false alarms")


@dataclass
class Evidence:
    """The wealth of all bets so far, as logarithms: it grows with observations over `limit`."""

    limit: float
    odds: Odds = field(default_factory=Odds)
    since_start: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(_REACH)))
    since_any: NDArray[np.float64] = field(default_factory=lambda: np.full(len(_REACH), -np.inf))
    observations: int = 0
    richest: Richest = field(default_factory=Richest)

    def __post_init__(self) -> None:
        if not 0 < self.limit < 1:
            raise ValueError(f"limit {self.limit}: a limit of a mean in [0, 1] lies strictly inside")

    def look(self, values: ArrayLike, at: float = 0.0) -> bool:
        """Take the observations since the last look, shape (n,), n may be 0; True where it is enough.

        `at` is when they were made, in unix seconds.

        Raises ValueError for an observation outside [0, 1] or not finite; nothing is counted then.
        """
        x = np.asarray(values, dtype=np.float64)
        if len(x) and not (x.min() >= 0 and x.max() <= 1):
            bad = x[~((x >= 0) & (x <= 1))][0]
            raise ValueError(f"observation {bad}: observations are shares, from 0 to 1")
        won = np.asarray(np.log1p(np.outer(self._bets(), x - self.limit)).sum(axis=1), dtype=np.float64)
        self.since_start = self.since_start + won
        self.since_any = np.logaddexp(self.since_any, 0.0) + won  # a new coin at each look, then the bets
        self.observations += len(x)
        if len(x):
            self.richest.look(won, x, at)
        return self.enough

    def to_json(self) -> dict[str, Any]:
        """Plain values, so that a restarted process can go on with it; -inf is None."""
        any_ = [None if np.isneginf(log) else float(log) for log in self.since_any]
        start = [float(log) for log in self.since_start]
        told = {"since_start": start, "since_any": any_, "observations": self.observations}
        return told | {"richest": self.richest.to_json()}

    @classmethod
    def from_json(cls, limit: float, odds: Odds, saved: Mapping[str, Any]) -> Evidence:
        """The evidence that `to_json` saved, under the present limit and odds."""
        any_ = np.array([-np.inf if log is None else log for log in saved["since_any"]])
        start = np.array(saved["since_start"], dtype=float)
        richest = Richest.from_json(saved.get("richest"))
        return cls(limit, odds, start, any_, int(saved["observations"]), richest)

    @property
    def change(self) -> MeanChange | None:
        """When the mean left its limit, as far as the bets can tell; None where none is rich."""
        return self.richest.change(_LOG_SHARE)

    @property
    def enough(self) -> bool:
        """Whether either test has seen enough at the last look."""
        return self.log_start >= -math.log(self.odds.alpha) or self.log_any >= math.log(self.odds.run_length)

    @property
    def share(self) -> float:
        """The evidence as a share of what is enough (1), by logarithms; of the test that has more."""
        return max(
            self.log_start / -math.log(self.odds.alpha),
            self.log_any / max(1.0, math.log(self.odds.run_length)),
        )

    @property
    def log_start(self) -> float:
        """Natural logarithm of the wealth of the coin laid down at the start; e-value of all data."""
        return _log_wealth(self.since_start)

    @property
    def log_any(self) -> float:
        """Natural logarithm of the Shiryaev-Roberts sum."""
        return _log_wealth(self.since_any)

    def _bets(self) -> NDArray[np.float64]:
        """Sizes at which 1 + b (x - limit) is the likelihood ratio of each bet's alternative mean."""
        bets: NDArray[np.float64] = np.asarray(
            _REACH / self.limit, dtype=np.float64
        )  # p1 = m + (1 - m) reach
        return bets


def _log_wealth(logs: NDArray[np.float64]) -> float:
    shares = _LOG_SHARE + logs
    top = float(shares.max())
    if top == -np.inf:
        return top
    return top + math.log(float(np.exp(shares - top).sum()))
