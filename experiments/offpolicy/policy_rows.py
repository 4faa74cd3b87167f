"""Rows of a log in batches, and what they sum up to: a log of any size is passed over, never held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from experiments.offpolicy.labels import Labels
from experiments.offpolicy.policy_log import Floats, Indexes, Log


class LogRows(Protocol):
    """Logged rows, the same ones at each pass. No decision is in two batches."""

    @property
    def clusters(self) -> int:
        """How many units there are; their numbers are those in the batches."""

    @property
    def positions(self) -> int:
        """How many positions any row can be at."""

    @property
    def modelled(self) -> bool:
        """Whether there is a reward model's `predicted` and `expected`."""

    @property
    def compared(self) -> bool:
        """Whether there is a `baseline`."""

    def batches(self, modelled: bool = False) -> Iterator[Log]:
        """Logs whose decisions count from 0 in each, and whose clusters are those of all batches.

        Without the reward model's values unless they are asked for.
        """


@dataclass(frozen=True)
class WholeLog:
    """A log in memory, as one batch."""

    log: Log

    @property
    def clusters(self) -> int:
        """How many units there are."""
        return int(self.log.cluster.max()) + 1

    @property
    def positions(self) -> int:
        """How many positions there are."""
        return int(self.log.position.max()) + 1

    @property
    def modelled(self) -> bool:
        """Whether there is a reward model."""
        return self.log.predicted is not None and self.log.expected is not None

    @property
    def compared(self) -> bool:
        """Whether there is a baseline."""
        return self.log.baseline is not None

    def batches(self, modelled: bool = False) -> Iterator[Log]:
        """The log."""
        yield self.log


@dataclass
class PositionTotals:
    """What a policy's weights sum up to at each position, float64[p]."""

    weight: Floats
    count: Floats
    earned: Floats

    @classmethod
    def none(cls, positions: int) -> "PositionTotals":
        """Of no rows."""
        return cls(*(np.zeros(positions) for _ in range(3)))

    def add(self, log: Log, weight: Floats) -> None:
        """Count some rows."""
        positions = len(self.weight)
        self.weight += np.bincount(log.position, weight, positions)
        self.count += np.bincount(log.position, minlength=positions)
        self.earned += np.bincount(log.position, weight * log.reward, positions)

    @property
    def mean(self) -> Floats:
        """The mean weight at each position; NaN where there are no rows."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.weight / self.count)

    def normalised(self, log: Log, weight: Floats) -> Floats:
        """What each row adds to SNIPS, linearised."""
        mean = self.mean
        with np.errstate(invalid="ignore", divide="ignore"):
            value = np.where(self.weight > 0, self.earned / self.weight, 0.0)
            share = np.where(mean[log.position] > 0, weight / mean[log.position], 0.0)
        return np.asarray(log.discount * (share * (log.reward - value[log.position]) + value[log.position]))


@dataclass
class PolicyTotals:
    """One pass over all rows: by decision `weight` and `earned`, float64[n]; by position those of policies.

    `first`: each decision's first row, int64[n]. `propensity` float64[m] only of a log that is one batch.
    """

    target: PositionTotals
    baseline: PositionTotals
    weight: Floats = field(default_factory=lambda: np.empty(0))
    earned: Floats = field(default_factory=lambda: np.empty(0))
    first: Indexes = field(default_factory=lambda: np.empty(0, np.int64))
    propensity: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def mean_weight(self) -> float:
        """Of all rows."""
        return float(self.target.weight.sum() / self.target.count.sum())

    def by_decision(self, known: Mapping[str, Labels]) -> dict[str, Labels]:
        """Labels of decisions, given those of rows or of decisions."""
        rows = int(self.target.count.sum())
        return {
            name: labels.of(self.first) if len(labels.codes) == rows else labels
            for name, labels in known.items()
        }


def totals_of(rows: LogRows) -> PolicyTotals:
    """Pass over all rows once."""
    found = PolicyTotals(PositionTotals.none(rows.positions), PositionTotals.none(rows.positions))
    weights, earned, firsts, seen = list[Floats](), list[Floats](), list[Indexes](), 0
    for log in rows.batches():
        weight = log.weight
        found.target.add(log, weight)
        if log.baseline is not None:
            found.baseline.add(log, log.baseline / log.propensity)
        discount = np.bincount(log.decision, log.discount)
        weights.append(np.bincount(log.decision, log.discount * weight) / discount)
        earned.append(
            np.asarray(np.bincount(log.decision, log.discount * weight * np.abs(log.reward)), float)
        )
        firsts.append(np.unique(log.decision, return_index=True)[1] + seen)
        found.propensity, seen = log.propensity, seen + len(log.reward)
    found.weight, found.earned = np.concatenate(weights), np.concatenate(earned)
    found.first = np.concatenate(firsts)
    return found
