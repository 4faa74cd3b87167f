"""Numbers that stand for times: what they count, and whether that can be meant. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TimeUnit = Literal["s", "ms", "us", "ns", "d", "yyyymmdd"]
IN_A_SECOND: dict[str, float] = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
DAY = 86400.0  # seconds
PLAUSIBLE = (315_532_800.0, 4_102_444_800.0)
"""1980 and 2100, in unix seconds: a table all of whose times lie outside counts something else."""
CALENDAR = (-62_135_596_800.0, 253_402_300_800.0)
"""The years 1 to 9999, in unix seconds: what a date can be printed of."""


def unix_seconds(values: Floats, unit: TimeUnit | None) -> Floats:
    """Counts since 1970 (or days as 20240131) as unix seconds; None: they are seconds. NaN stays NaN.

    What is no day of the calendar becomes infinite.

    >>> unix_seconds(np.array([19723.0, np.nan]), "d").tolist()
    [1704067200.0, nan]
    >>> unix_seconds(np.array([20240101.0, 20240231.0]), "yyyymmdd").tolist()
    [1704067200.0, inf]
    """
    if unit != "yyyymmdd":
        return values * DAY if unit == "d" else values / IN_A_SECOND[unit or "s"]
    known, place = np.unique(values, return_inverse=True)
    return np.array([_day(value) for value in known.tolist()], dtype=np.float64)[place]


def _day(value: float) -> float:
    if np.isnan(value):
        return value
    try:
        return datetime.strptime(f"{value:.0f}", "%Y%m%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return float("inf")


def likely(values: Floats) -> str | None:
    """What these numbers count, where they are not seconds: a unit, or "years"; None where they may be.

    Judged by the median of what is there; "" where they are no seconds and nothing fits.

    >>> [likely(np.array([value])) for value in (1.7e9, 1.7e12, 19723.0, 20240131.0, 2009.0, 3600.0)]
    [None, 'ms', 'd', 'yyyymmdd', 'years', '']
    """
    there = values[np.isfinite(values)]
    first, last = PLAUSIBLE
    if not len(there) or ((there >= first) & (there <= last)).any():
        return None
    middle = float(np.quantile(there, 0.5, method="lower"))
    if 1800 <= middle <= 2200:
        return "years"
    for unit in ("yyyymmdd", "d", "ms", "us", "ns"):
        if first <= float(unix_seconds(np.array([middle]), unit)[0]) <= last:
            return unit
    return ""


def units() -> str:
    """The units that can be declared, for a sentence."""
    return ", ".join(get_args(TimeUnit))
