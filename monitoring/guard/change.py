"""When a mean left its limit: the coin of a sequential test that has become the richest says it.

One coin is laid down at every look, on every size of bet. The richest of a bet is the one that was laid down
when the sum of its winnings was last lowest, and tells of the change that is likeliest (Page, "Continuous
inspection schemes", Biometrika 41, 1954). So one coin a bet is kept, and replaced by a new one where it has
lost what it began with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BETS = 10


class MeanChange(NamedTuple):
    """Since when (unix s) a mean is over its limit, in how many observations, and that mean."""

    since: float
    observations: int
    mean: float


def _none() -> Floats:
    return np.zeros(BETS)


@dataclass
class Richest:
    """By size of bet: the logarithm of the richest coin, when it was laid down, what was observed since."""

    log: Floats = field(default_factory=_none)
    since: Floats = field(default_factory=_none)
    count: Floats = field(default_factory=_none)
    total: Floats = field(default_factory=_none)

    def look(self, won: Floats, values: Floats, at: float) -> None:
        """Add a look's observations, shape (n,), made `at`; `won` is what each bet won, shape (bets,)."""
        lost = self.log <= 0
        self.log = np.where(lost, 0.0, self.log) + won
        self.since = np.where(lost, at, self.since)
        self.count = np.where(lost, 0.0, self.count) + len(values)
        self.total = np.where(lost, 0.0, self.total) + values.sum()

    def change(self, log_share: Floats) -> MeanChange | None:
        """The change that the richest coin of all tells of; None where no coin has won anything."""
        if not (self.log > 0).any():
            return None
        best = int(np.argmax(np.where(self.log > 0, self.log + log_share, -np.inf)))
        count = float(self.count[best])
        return MeanChange(float(self.since[best]), int(count), float(self.total[best]) / count)

    def to_json(self) -> dict[str, list[float]]:
        """Plain values."""
        return {name: getattr(self, name).tolist() for name in ("log", "since", "count", "total")}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any] | None) -> Richest:
        """What `to_json` gave; nothing yet where an earlier release saved none."""
        return cls() if saved is None else cls(**{name: np.array(each) for name, each in saved.items()})
