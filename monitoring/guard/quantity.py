"""What the guard watches of a version: a mean with a limit; or why a figure is not watched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from monitoring.guard.evidence import Odds
from monitoring.guard.unit import Unit

Clock = Literal["seconds", "minutes", "hours"]


@dataclass(frozen=True)
class Quantity:
    """What is watched: the mean of observations in [0, 1], healthy up to `limit`, that came from `source`.

    `against` is what observations are held against, where that may change, such as another version:
    evidence against one is none against the next. `unit` says how mean and limit are told.
    """

    name: str
    clock: Clock
    limit: float
    source: str
    odds: Odds = field(default_factory=Odds)
    against: str = ""
    unit: Unit = field(default_factory=Unit)


@dataclass(frozen=True)
class Unwatched:
    """A figure that is not watched, and why: it has a row all the same."""

    name: str
    clock: Clock
    why: str
