"""What a test shows of held-out requests, and whether that is enough to test with: the power calculation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.contexts.reference import Shown
from monitoring.guard.evidence import Evidence, Odds
from monitoring.guard.worst import sound

Floats = NDArray[np.float64]

ODDS = Odds(alpha=1e-8, run_length=1e8)
"""Looks between two false alarms: nine months, four a second, a different request in each. The test since
the start takes as much: requests of an hour are alike, and the first hours may be odd ones."""
CHANCE = 0.5  # exchanges that are as likely better as worse
LATE_LEAST = 0.55  # where the next context fits as well as the own, chance alone gives .5
HALF_WAY, PART_WAY = 0.5, 0.65  # a limit lies so far from health to the fault
RAISED = np.array(
    [0.0, 0.15, 0.3, 0.45]
)  # of the way from a limit to the fault, where health comes near a trip
APART = 0.04  # of the fault's mean over its limit, and as much of health under it
LEAST = 50  # observations
LONGEST, TRIED = 2_000, 60  # requests of a stream, and streams, for the power calculation


class NotShownError(ValueError):
    """Why a test can't be made."""


def shown(
    healthy: Floats, broken: Floats, part: float, towards: float | None = None, least: float = 0.0
) -> Shown:
    """What held-out requests show; observations in [0, 1], NaN for none.

    The limit lies `part` of the way from the healthy mean to the broken one, or to the mean `towards`, and
    not under `least`; higher where healthy requests, in their order, come near a trip. Raises NotShownError
    where that tells too little.
    """
    well, ill = healthy[~np.isnan(healthy)], broken[~np.isnan(broken)]
    if min(len(well), len(ill)) < LEAST:
        raise NotShownError(f"{min(len(well), len(ill))} held-out requests tell something: it takes {LEAST}")
    fault = float(ill.mean()) if towards is None else towards
    limit = max(least, float(well.mean()) + part * (fault - float(well.mean())))
    kept = sound(well, limit + RAISED * (ill.mean() - limit), ODDS) or 1.0
    limit = float(kept)
    if ill.mean() - limit < APART or limit - well.mean() < APART:
        raise NotShownError(
            f"held-out requests show {well.mean():.2f}, with the fault planted {ill.mean():.2f}: too alike"
        )
    return Shown(float(well.mean()), float(ill.mean()), limit, len(well), _named_within(broken, limit))


def _named_within(broken: Floats, limit: float) -> int | None:
    """Requests within which nine of ten streams, drawn from what the fault showed, are named."""
    draw = np.random.default_rng(0)
    found = sorted(_named_after(draw.choice(broken, LONGEST), limit) for _ in range(TRIED))
    ninth = found[int(0.9 * TRIED) - 1]
    return None if ninth > LONGEST else ninth


def _named_after(stream: Floats, limit: float) -> int:
    evidence = Evidence(limit, ODDS)
    for place, value in enumerate(stream.tolist()):
        if evidence.look([] if np.isnan(value) else [value]):
            return place + 1
    return LONGEST + 1
