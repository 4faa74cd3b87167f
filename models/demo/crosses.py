"""What a departure and the airport's state only say together. numpy only: serving imports it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The carriers with the most departures have a lateness of their own in the context, the rest the airport's.
CARRIERS = ("UA", "B6", "EV", "DL", "AA", "MQ", "US")
# Destinations by the nearest of these airports: storms and flow control hold back whole areas.
AREAS = ("ORD", "MIA", "LAX", "ATL", "DFW", "CLT", "MCO", "DTW", "BOS", "DCA", "SFO")

Columns = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]


def cross(items: Columns, context: Columns) -> dict[str, Floats]:
    """ranker.toml's cross_names for n departures; context columns are of length 1 or n."""
    carrier, area = items["carrier"], items["area"]
    airport = np.broadcast_to(context["late_3h"], carrier.shape)
    own = _picked(carrier, {name: context[f"late_{name}"] for name in CARRIERS}, airport)
    return {
        "carrier_late": own,
        "carrier_excess": own - airport,
        "area_late": _picked(area, {name: context[f"late_to_{name}"] for name in AREAS}, airport),
        "queue": context["waiting"] + items["hour_position"],
    }


def _picked(key: NDArray[Any], by_key: Columns, otherwise: Floats) -> Floats:
    """Row by row the column of its key; `otherwise` where there is none or it is missing."""
    found = otherwise
    for name, column in by_key.items():
        found = np.where((key == name) & ~np.isnan(column), column, found)
    return found
