"""What a change would do to real units: those that the log has seen, under both files."""

from __future__ import annotations

import time
from typing import Any

import orjson

from bentos.home.state import Home
from experiments.assignment.arm_changes import Difference, diff
from experiments.config.live import Live
from monitoring.log.window import window

MOST = 100_000  # units; a share is then right to 0.3 points


def difference(home: Home, old: Live, new: Live, most: int = MOST) -> Difference:
    """Counted over at most so many units of the log, with the attributes of one of their requests each."""
    with window(home.log) as log:
        found: Any = log.sql(
            "SELECT unit, any_value(attributes) AS attributes FROM decisions GROUP BY 1 LIMIT ?", [most]
        )
    units = [(row.unit, orjson.loads(row.attributes)) for row in found.itertuples()]
    return diff(old, new, units, time.time())
