"""Equal arms whose weights change while the metric's mean moves: how often a difference is found."""

import numpy as np

from experiments.analysis.comparisons import effects_of
from experiments.analysis.moments import Moments
from experiments.analysis.question import Measure, Question
from experiments.analysis.strata import Strata

QUESTION = Question(
    "a", {"x": {"a": 0.9, "b": 0.1}, "y": {"a": 0.5, "b": 0.5}}, (Measure("m", "m"),), ended=True
)


def equal_arms(runs: int, units: int, seed: int) -> tuple[float, float]:
    """Share of runs that find a difference at 5%: stratified, and pooled.

    Half of the units come in each phase, more of those with high values; a unit's bucket gives its arm.
    """
    draw = np.random.default_rng(seed)
    found = np.zeros(2)
    for _ in range(runs):
        bucket, own = draw.random(units), draw.normal(0, 1, units)
        there = draw.random((2, units)) < 0.5 + 0.3 * (own > 0)
        value = np.array([[10.0], [12.0]]) + own + draw.normal(0, 1, (2, units))
        arm = bucket > np.array([[0.9], [0.5]])
        first = np.where(there[0], arm[0], arm[1])
        cells = np.array([there[0], there[1] & there[0], there[1] & ~there[0]])
        size = cells.sum(1)
        stays = cells & (arm[[0, 1, 1]] == first)
        columns = {f"u_{s}": stays[s].astype(float) for s in range(3)}
        columns |= {f"d0_{s}": stays[s].astype(float) for s in range(3)}
        columns |= {f"n0_{s}": stays[s] * value[[0, 1, 1][s]] for s in range(3)}
        strata = Strata(("x", "x then y", "y"), (tuple(size / size.sum()),))
        kept = there.any(0)
        (each,) = effects_of(_arms(columns, kept, first), QUESTION, strata)
        plain = {"n0": (stays * value[[0, 1, 1]]).sum(0), "d0": stays.sum(0).astype(float)}
        (pooled,) = effects_of(_arms(plain, kept, first), QUESTION)
        found += [float(one.fixed_p or 1.0) < 0.05 for one in (each, pooled)]
    stratified, together = (found / runs).tolist()
    return stratified, together


def _arms(columns: dict[str, np.ndarray], kept: np.ndarray, first: np.ndarray) -> dict[str, Moments]:
    return {
        name: _moments(columns, kept & (first == treated)) for name, treated in (("a", False), ("b", True))
    }


def _moments(columns: dict[str, np.ndarray], chosen: np.ndarray) -> Moments:
    names = sorted(columns)
    matrix = np.array([columns[name][chosen] for name in names])
    covariance = np.cov(matrix)
    pairs = {
        (a, b): float(covariance[i, j]) for i, a in enumerate(names) for j, b in enumerate(names) if i < j
    }
    variances = {name: float(covariance[i, i]) for i, name in enumerate(names)}
    return Moments(matrix.shape[1], dict(zip(names, matrix.mean(1).tolist(), strict=True)), variances, pairs)
