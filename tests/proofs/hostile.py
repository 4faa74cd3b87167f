"""Tables that nobody would want to analyse, as files: what each holds, by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

ROWS = 400


def sound(rows: int = ROWS) -> pd.DataFrame:
    """Units in two arms, a metric, one from before, a size, rewards and propensities: nothing is wrong."""
    draw = np.random.default_rng(1)
    first = draw.random(rows) < 0.5
    return pd.DataFrame(
        {
            "unit": [f"u{n}" for n in range(rows)],
            "arm": np.where(first, "a", "b"),
            "m": draw.normal(10, 2, rows),
            "p": draw.normal(10, 2, rows),
            "size": draw.integers(1, 5, rows).astype(float),
            "reward": (draw.random(rows) < 0.3).astype(float),
            "chance": 0.5,
            "wanted": first.astype(float),
        }
    )


def _with(**columns: object) -> Callable[[], pd.DataFrame]:
    return lambda: sound().assign(**columns)


def _every(value: object) -> Callable[[], pd.DataFrame]:
    names = ("m", "p", "size", "reward", "chance", "wanted")
    return lambda: sound().assign(**dict.fromkeys(names, value))


MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
TABLES: dict[str, Callable[[], pd.DataFrame]] = {
    "sound": sound,
    "zero rows": lambda: sound().head(0),
    "one row": lambda: sound().head(1),
    "two rows": lambda: sound().head(2),
    "all null": _every(None),
    "all NaN": _every(float("nan")),
    "all infinite": _every(float("inf")),
    "zeros": _every(0.0),
    "ones": _every(1.0),
    "the largest floats": _every(1.7e308),
    "the smallest floats": _every(5e-324),
    "negative": _every(-3.0),
    "text": _every("three"),
    "dates as text": _every("2026-01-01"),
    "moments": _every(MOMENT),
    "lists": lambda: sound().assign(m=[[1.0, 2.0]] * ROWS, reward=[[1.0]] * ROWS),
    "decimals": lambda: sound().assign(m=[Decimal("1.5"), Decimal("2.5")] * (ROWS // 2)),
    "booleans": lambda: sound().assign(m=[True, False] * (ROWS // 2), reward=[True, False] * (ROWS // 2)),
    "one unit": _with(unit="u"),
    "null units": _with(unit=None),
    "empty units": _with(unit=""),
    "numbers as units": lambda: sound().assign(unit=np.arange(ROWS) / 2),
    "null arms": _with(arm=None),
    "one arm": _with(arm="a"),
    "numbers as arms": lambda: sound().assign(arm=np.arange(ROWS) % 2),
    "an arm per row": lambda: sound().assign(arm=[f"arm {n}" for n in range(ROWS)]),
    "everybody in both arms": lambda: pd.concat([sound(), sound().assign(arm="b"), sound().assign(arm="a")]),
    "names of our own": lambda: sound().assign(_arm="x", _unit="x", _value=1, _rows=1, _stratum=1, n0=1),
    "no such columns": lambda: sound()[["unit"]],
}


def mixed(names: tuple[str, ...]) -> pd.DataFrame:
    """The columns of a sound table, each with the values of the table that is named for it."""
    data = sound()
    for column, name in zip(data.columns, names, strict=False):
        other = TABLES[name]()
        if column in other.columns and len(other) == len(data):
            data[column] = other[column].to_numpy()
    return data
