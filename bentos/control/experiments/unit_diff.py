"""What a change would do to real units: those that the log has seen lately, under both files."""

from __future__ import annotations

import time

import orjson

from bentos.home.state import Home
from experiments.assignment.arm_changes import Difference, diff, without_same
from experiments.config.live import Live
from monitoring.log.units import recent_units

MOST = 100_000  # units; a share is then right to 0.3 points
SPLITS = 60_000  # assignments to a layer that one diff makes: .4 s
LEAST = 100  # units, however many layers change; a share is then right to 10 points


def difference(home: Home, old: Live, new: Live, most: int = MOST) -> Difference:
    """Counted over at most so many units of the log, with the attributes of one of their requests each.

    Where many layers change, over fewer units: nobody waits longer than for one.
    """
    layers = sum(len(each.layers) for each in without_same(old, new))
    few = min(most, max(LEAST, SPLITS // max(layers, 1)))
    units = [(unit, orjson.loads(attributes)) for unit, attributes in recent_units(home.log, few)]
    return diff(old, new, units, time.time())
