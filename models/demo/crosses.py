"""What a departure and the airport's state only say together. numpy only: serving imports it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The carriers with the most departures have a lateness of their own in the context, the rest the airport's.
CARRIERS = ("UA", "B6", "EV", "DL", "AA", "MQ", "US")
# Destinations by the nearest of these airports: storms and flow control hold back whole areas.
AREAS = ("ORD", "MIA", "LAX", "ATL", "DFW", "CLT", "MCO", "DTW", "BOS", "DCA", "SFO")

Columns = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]


_CARRIER = {name: place for place, name in enumerate(CARRIERS)}
_AREA = {name: place for place, name in enumerate(AREAS)}


def cross(items: Columns, context: Columns) -> dict[str, Floats]:
    """ranker.toml's cross_names for n departures; context columns are of length 1 or n."""
    airport = context["late_3h"]
    own = _picked(items["carrier"], _CARRIER, [context[f"late_{name}"] for name in CARRIERS], airport)
    return {
        "carrier_late": own,
        "carrier_excess": own - airport,
        "area_late": _picked(items["area"], _AREA, [context[f"late_to_{name}"] for name in AREAS], airport),
        "queue": context["waiting"] + items["hour_position"],
    }


def _picked(key: NDArray[Any], places: Mapping[str, int], columns: list[Floats], otherwise: Floats) -> Floats:
    """Row by row the column of its key; `otherwise` where there is none or it is missing."""
    table = np.stack([*columns, otherwise])  # (keys + 1, 1 or n)
    rows = np.fromiter(map(places.get, key, repeat(len(columns))), np.intp, len(key))
    found = table[rows, 0] if table.shape[1] == 1 else table[rows, np.arange(len(key))]
    missing = np.isnan(found)
    if missing.any():
        found[missing] = np.broadcast_to(otherwise, found.shape)[missing]
    return found
