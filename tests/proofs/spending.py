"""Experiments that are looked at and tested at their planned end: false alarms of both, and power."""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.comparisons import effects_of
from experiments.analysis.effects import Effect
from experiments.analysis.moments import Moments
from experiments.analysis.question import Measure, Question
from tests.proofs.proofs import HALF

ASKS = Question("a", HALF, (Measure("m", "m", per_unit=True),))


@dataclass(frozen=True)
class Found:
    """Shares of experiments that are found different: at looks or the end, at the end, by a test alone."""

    ever: float
    end: float
    alone: float


def spending(runs: int, units: int, looks: int, seed: int, power: float | None = None) -> Found:
    """Of experiments with so many units an arm, looked at so often; equal arms, or a test's ``power``.

    Values are gamma-distributed, their deviation as large as their mean.
    """
    draw = np.random.default_rng(seed)
    reach = {None: 0.0, 0.5: 1.959964, 0.8: 2.801585}[power]
    lift, sizes = reach * np.sqrt(2 / units), np.linspace(100, units, looks + 1).astype(int)
    hits = np.zeros(3)
    for _ in range(runs):
        arms = {"a": draw.gamma(1, 1, units), "b": draw.gamma(1, 1, units) + lift}
        seen = any(_passed(_at(arms, int(size))) for size in sizes[:-1])
        end = _at(arms, units, ended=True)
        hits += [seen or _passed(end), _passed(end), (end.fixed_p or 1.0) < 0.05]
    return Found(*(hits / runs).tolist())


def _at(arms: dict[str, np.ndarray], size: int, *, ended: bool = False) -> Effect:
    moments = {
        name: Moments(size, {"n0": float(each[:size].mean())}, {"n0": float(each[:size].var(ddof=1))}, {})
        for name, each in arms.items()
    }
    (found,) = effects_of(moments, replace(ASKS, ended=ended))
    return found


def _passed(effect: Effect) -> bool:
    return not effect.deciding[0] <= 0 <= effect.deciding[1]
