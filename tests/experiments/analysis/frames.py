"""Small tables of units in two arms, and questions about them."""

from dataclasses import replace
from itertools import count

import numpy as np
import pandas as pd

from experiments.analysis.analyze import analyze
from experiments.analysis.effects import Analysis
from experiments.analysis.question import Measure, Question
from experiments.analysis.recommendation import recommend
from experiments.analysis.tables import Table, connect, table_of

HALF = {"": {"a": 0.5, "b": 0.5}}


def question(*measures: Measure, **settings: object) -> Question:
    """A question about arms a (control) and b, half each."""
    base = Question(control="a", weights=HALF, measures=measures or (Measure("m", "m"),))
    return replace(base, **settings)  # type: ignore[arg-type]


def frame(
    effect: float = 0.0, units: int = 2_000, rows: int = 1, seed: int = 1, share: float = 0.5
) -> pd.DataFrame:
    """Rows of units with a unit effect, arms by coin, a metric m around 10 and one from before, p."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), rows)
    arm = np.where(draw.random(units) < share, "b", "a")
    level = draw.normal(10, 2, units)
    m = level[unit] + draw.normal(0, 1, len(unit)) + effect * (arm[unit] == "b")
    p = level + draw.normal(0, 1, units)
    names = np.char.add("u", unit.astype(str))
    return pd.DataFrame({"unit": names, "arm": arm[unit], "m": m, "p": p[unit], "one": 1.0})


CONNECTION = connect()


def table(data: pd.DataFrame) -> Table:
    """The frame in DuckDB."""
    return table_of(data, CONNECTION, f"t{next(NAMES)}")


NAMES = count()


def asked(data: pd.DataFrame, asks: Question) -> tuple[Analysis, str]:
    """The analysis and its verdict's text."""
    found = analyze(table(data), asks)
    return found, str(recommend(found, asks))
