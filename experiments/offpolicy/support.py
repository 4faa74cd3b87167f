"""Whether a log can say anything about a policy: looked at before any estimate is shown."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_EFFECTIVE = 100.0
"""Effective decisions below which the normal and bootstrap intervals are not to be trusted."""
LEAST_REWARDS = 5.0
"""Effective number of rewarded decisions below which the mean is that of a handful."""
MOST_IN_FIVE = 0.25
"""Share of all weight that the five heaviest decisions may carry. The heaviest 1% are shown, and don't
refuse: in the log of a 1% slice they carry nearly all weight by design, and estimates are sound."""
FURTHEST_MEAN = 0.03
"""How far the mean weight may be from 1 where chance (4 standard errors) doesn't explain it: estimates are
off by as much, which is less than an interval of the least effective decisions is wide."""


CHANCE = 4.0
"""Standard errors that chance explains."""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What carries an estimate. Weights are a decision's: the discounted mean of its rows'.

    `mean_weight` ± `mean_deviation` is 1 when the log supports all that the target does.
    `effective`: Kish's (Σw)²/Σw². `effective_rewards`: the same of weighted rewards. `top_share`: of
    the heaviest 1% of the decisions that have weight. `matched`: share of decisions with any weight.
    """

    decisions: int
    mean_weight: float
    mean_deviation: float
    largest_weight: float
    effective: float
    effective_rewards: float
    top_share: float
    five_share: float
    matched: float

    def refusals(self) -> list[str]:
        """Why an estimate must not be shown, each with what is missing; empty when it may."""
        if self.matched == 0:
            return ["no logged decision has any probability under the target policy: the log can't judge it"]
        return [
            sentence
            for sentence in (self._few(), self._rewards(), self._top(), self._mean())
            if sentence is not None
        ]

    def _few(self) -> str | None:
        if self.effective >= LEAST_EFFECTIVE:
            return None
        needed = ceil(self.decisions * LEAST_EFFECTIVE / self.effective) - self.decisions
        return (
            f"{self.decisions:,} decisions count as only {self.effective:.1f} for this policy, and at least "
            f"{LEAST_EFFECTIVE:.0f} are needed: about {needed:,} more decisions like these"
        )

    def _rewards(self) -> str | None:
        if self.effective_rewards >= LEAST_REWARDS:
            return None
        if self.effective_rewards == 0:
            return (
                "no decision that the target policy would make has a reward: all weighted outcomes are zero"
            )
        needed = ceil(self.decisions * LEAST_REWARDS / self.effective_rewards) - self.decisions
        return (
            f"the weighted rewards come from the equivalent of {self.effective_rewards:.1f} decisions, "
            f"and at least {LEAST_REWARDS:.0f} are needed: about {needed:,} more decisions like these"
        )

    def _top(self) -> str | None:
        if self.five_share <= MOST_IN_FIVE:
            return None
        return (
            f"the five heaviest decisions carry {self.five_share:.0%} of all weight (largest "
            f"{self.largest_weight:,.0f}), above {MOST_IN_FIVE:.0%}: the log hardly does what the target does"
        )

    def _mean(self) -> str | None:
        off = abs(self.mean_weight - 1)
        chance = CHANCE * self.mean_deviation if self.effective >= LEAST_EFFECTIVE else 0.0
        if off <= max(FURTHEST_MEAN, chance):
            return None
        share = f"puts {1 - self.mean_weight:.0%} of its probability on what the log never does"
        side = share if self.mean_weight < 1 else "is given too much weight"
        return (
            f"the mean weight is {self.mean_weight:.2f} ± {self.mean_deviation:.2f} where it must be 1 "
            f"(within {FURTHEST_MEAN:g}, or {CHANCE:g} standard errors): "
            f"the target {side}, or the logged propensities are wrong"
        )


def diagnose(weight: Floats, reward: Floats, discount: Floats, decision: NDArray[np.int64]) -> Diagnostics:
    """Diagnostics of rows (float64[m]; int64[m] from 0 without gaps), summed up by decision."""
    of_decision = np.bincount(decision, discount * weight) / np.bincount(decision, discount)
    earned = np.asarray(np.bincount(decision, discount * weight * np.abs(reward)), float)
    return diagnose_decisions(of_decision, earned)


def diagnose_decisions(of_decision: Floats, earned: Floats) -> Diagnostics:
    """The same of decisions: the discounted mean of each one's weights, and its sum of weighted rewards."""
    positive = np.sort(of_decision[of_decision > 0])[::-1]
    count = len(of_decision)
    top = positive[: ceil(len(positive) / 100)].sum() / positive.sum() if len(positive) else 1.0
    return Diagnostics(
        decisions=count,
        mean_weight=float(of_decision.mean()),
        mean_deviation=float(of_decision.std() / sqrt(count)),
        largest_weight=float(of_decision.max()),
        effective=_kish(of_decision),
        effective_rewards=_kish(earned),
        top_share=float(top),
        five_share=float(positive[:5].sum() / positive.sum()) if len(positive) else 1.0,
        matched=len(positive) / count,
    )


def _kish(values: Floats) -> float:
    squares = float(np.square(values).sum())
    return float(values.sum() ** 2 / squares) if squares > 0 else 0.0
