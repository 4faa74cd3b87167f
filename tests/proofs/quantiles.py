"""Quantiles of answers' times, whose rows are clustered by unit: coverage, and false alarms at looks."""

from dataclasses import replace

import numpy as np
import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.effects import Effect
from experiments.analysis.question import Measure, Question
from experiments.analysis.tables import connect, table_of
from tests.proofs.proofs import HALF

ASKS = Question("a", HALF, (Measure("p", "m", quantile=0.9),), ended=True, looks=1.0)


def answers(units: int, draw: np.random.Generator, lift: float = 0.0) -> pd.DataFrame:
    """Lognormal times, several a unit, slow units being slow throughout; those of b are ``lift`` longer."""
    rows = draw.geometric(0.2, units)
    unit = np.repeat(np.arange(units), rows)
    arm = draw.random(units) < 0.5
    m = np.exp(draw.normal(0, 0.5, units)[unit] + draw.normal(0, 0.5, len(unit))) * (1 + lift * arm[unit])
    return pd.DataFrame({"unit": unit.astype(str), "arm": np.where(arm[unit], "b", "a"), "m": m})


def _effect(data: pd.DataFrame, quantile: float, name: str) -> Effect:
    connection = connect(threads=1)
    asks = replace(ASKS, measures=(replace(ASKS.measures[0], quantile=quantile),))
    (found,) = analyze(table_of(data, connection, name), asks).effects
    return found


def coverage(runs: int, units: int, quantile: float, seed: int, lift: float = 0.3) -> float:
    """Share of fixed intervals that hold the true difference: of lognormal times it is known exactly."""
    from scipy.special import ndtri

    draw, held = np.random.default_rng(seed), 0
    truth = lift * float(np.exp(np.sqrt(0.5) * ndtri(quantile)))
    for run in range(runs):
        found = _effect(answers(units, draw, lift), quantile, f"run_{run}")
        assert found.fixed is not None
        held += found.fixed[0] <= truth <= found.fixed[1]
    return held / runs


def peeking(runs: int, units: int, quantile: float, seed: int, looks: int) -> tuple[float, float]:
    """Share of pairs of equal arms that any look finds different: by anytime-valid and by fixed intervals."""
    draw, sizes = np.random.default_rng(seed), np.linspace(units / looks, units, looks).astype(int)
    anytime = fixed = 0
    for run in range(runs):
        data = answers(units, draw)
        of = data.unit.astype(int)
        seen = [_effect(data[of < size], quantile, f"run_{run}_{size}") for size in sizes]
        anytime += any(not each.anytime[0] <= 0 <= each.anytime[1] for each in seen)
        fixed += any((each.fixed_p or 1.0) < 0.05 for each in seen)
    return anytime / runs, fixed / runs
