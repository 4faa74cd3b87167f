"""Sample ratio mismatch: whether the arms have the units that the configuration gives them.

Expected shares follow the phases of the configuration: each unit counts once, in the phase and the arm in
which it was first seen, against that phase's weights. A legal change of weights therefore never alarms.
Source: Fabijan et al. 2019, "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments".
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.watched_mismatch import watched_p

THRESHOLD = 0.001
"""p-value below which nothing else is to be believed."""
DOUBTFUL = 0.01
"""p-value below which the cause should be looked for, though nothing is blocked."""
FEW = 200
"""Expected units of an arm below which a phase is tested exactly: where 20 are expected, Pearson's p is a
fifth of what it should be at the limits that a ramp's phases are held to."""

Counts = Mapping[str, Mapping[str, int]]
Weights = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Observed and expected units by arm, over all phases; `p` is corrected for looking at each."""

    p: float
    observed: Mapping[str, int]
    expected: Mapping[str, float]
    worst_phase: str | None
    impossible: tuple[str, ...]

    @property
    def blocks(self) -> bool:
        """Whether there can be no recommendation before the mismatch is explained."""
        return self.p < THRESHOLD

    @property
    def doubtful(self) -> bool:
        """Whether a person should look for a cause before deciding."""
        return THRESHOLD <= self.p < DOUBTFUL

    def sentence(self) -> str:
        """What was found, and where to look when it is wrong."""
        units = ", ".join(
            f"{arm} {n:,} (expected {self.expected[arm]:,.0f})" for arm, n in self.observed.items()
        )
        if self.doubtful:
            return (
                f"the arms' units are doubtful, p = {self.p:.2g}: {units}. One fair split in "
                f"{1 / self.p:,.0f} is as far off; nothing is blocked (p < {THRESHOLD} would), but look at "
                "the slices first"
            )
        if not self.blocks:
            return f"arms have the units they should: {units}; p = {self.p:.3g}"
        where = f" It is worst in phase {self.worst_phase}." if self.worst_phase else ""
        odd = "".join(f" {sentence}." for sentence in self.impossible)
        return (
            f"sample ratio mismatch, p = {self.p:.2g} (limit {THRESHOLD}): {units}.{where}{odd} No "
            "difference between the arms can be trusted. Look at requests that fail or time out in one arm, "
            "at answers that never reach the log, at redirects, caches and bots, and at filters that see the "
            "arm's effect"
        )


def mismatch(counts: Counts, weights: Weights, *, watched: bool = False) -> Mismatch:
    """Test `counts` (phase → arm → units first seen there) against `weights` (phase → arm → share).

    Pearson's statistic over all phases together, with the covariance of multinomials that differ by phase
    (it loses nothing to small phases), and in every phase alone, there by exact binomials where an arm
    expects few units; the smallest p counts, times the number of tests. `watched`: a test that holds
    at every look instead, which needs more units to see the same. KeyError for a phase without weights.

    >>> half = {"": {"old": 0.5, "new": 0.5}}
    >>> mismatch({"": {"old": 5_010, "new": 4_990}}, half).blocks
    False
    >>> found = mismatch({"": {"old": 5_300, "new": 4_700}}, half)
    >>> found.blocks, f"{found.p:.1e}"
    (True, '2.0e-09')
    """
    arms = sorted(
        {arm for phase in weights.values() for arm in phase} | {a for c in counts.values() for a in c}
    )
    observed, expected, covariances, shares = [], [], [], []
    for phase, units in counts.items():
        share = np.array([weights[phase].get(arm, 0.0) for arm in arms])
        share = share / share.sum()
        found = np.array([units.get(arm, 0) for arm in arms], float)
        observed.append(found)
        expected.append(found.sum() * share)
        covariances.append(found.sum() * (np.diag(share) - np.outer(share, share)))
        shares.append(share)
    impossible = _impossible(arms, list(counts), observed, shares)
    p, worst = _smallest(list(counts), observed, expected, covariances)
    p = watched_p(observed, shares) if watched else p
    total = np.sum(observed, axis=0) if observed else np.zeros(len(arms))
    wanted = np.sum(expected, axis=0) if expected else np.zeros(len(arms))
    return Mismatch(
        p=0.0 if impossible else p,
        observed={arm: int(n) for arm, n in zip(arms, total, strict=True)},
        expected={arm: float(n) for arm, n in zip(arms, wanted, strict=True)},
        worst_phase=worst if len(counts) > 1 else None,
        impossible=tuple(impossible),
    )


Vectors = list[NDArray[np.float64]]


def _smallest(
    phases: list[str], observed: Vectors, expected: Vectors, covariances: Vectors
) -> tuple[float, str]:
    if not phases:
        return 1.0, ""
    each = [
        _exact(o, e) if o.sum() and e[e > 0].min() < FEW else _p(o - e, c)
        for o, e, c in zip(observed, expected, covariances, strict=True)
    ]
    if len(phases) == 1:
        return each[0], phases[0]
    together = _p(np.sum(observed, axis=0) - np.sum(expected, axis=0), np.sum(covariances, axis=0))
    return min(1.0, (len(phases) + 1) * min(together, *each)), phases[int(np.argmin(each))]


def _p(difference: NDArray[np.float64], covariance: NDArray[np.float64]) -> float:
    """Of the quadratic form, chi-squared with the covariance's rank as degrees of freedom."""
    from scipy.special import chdtrc

    kept = np.flatnonzero(np.diag(covariance) > 0)
    if len(kept) < 2:
        return 1.0
    inverse = np.linalg.pinv(covariance[np.ix_(kept, kept)], hermitian=True)
    statistic = max(float(difference[kept] @ inverse @ difference[kept]), 0.0)  # rounding may leave −1e−18
    return float(chdtrc(len(kept) - 1, statistic))


def _exact(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """The smallest of the arms' binomial tests, times their number; of two arms one says it all."""
    from scipy.stats import binomtest

    total = int(observed.sum())
    arms = np.flatnonzero(expected > 0)
    tested = arms[:1] if len(arms) == 2 else arms
    each = [binomtest(int(observed[i]), total, float(expected[i] / total)).pvalue for i in tested]
    return float(min(1.0, len(each) * min(each)))


def _impossible(arms: list[str], phases: list[str], observed: Vectors, shares: Vectors) -> list[str]:
    return [
        f"{int(units[i]):,} units are in {arm!r}, which has weight 0{f' in phase {phase}' if phase else ''}"
        for phase, units, share in zip(phases, observed, shares, strict=True)
        for i, arm in enumerate(arms)
        if share[i] == 0 and units[i] > 0
    ]
