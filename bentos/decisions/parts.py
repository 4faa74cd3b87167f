"""What one decision is made of, from the request that was asked to the slate that is served."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from bentos.wire.messages import RankRequest
from bentos.worker.serving import LoadedVersion, Serving
from experiments.assignment.arms import Assignment
from experiments.slates.explore import Slate
from experiments.slates.interleave import NEITHER
from monitoring.log.record import RankerRecord

Indexes = NDArray[np.int64]


class Scored(NamedTuple):
    """Scores of the candidates that the catalogue knows."""

    known: Indexes  # positions in the request's candidates
    unknown: Indexes
    scores: NDArray[np.float64]  # aligned with `known`


class ScoringFailed(Exception):  # noqa: N818 - an event, not a defect
    """There are no scores; the reason becomes the record's `fallback`."""


class Scoring(Protocol):
    """Where scores come from: this process, or the Scorer runner."""

    async def score(self, serving: Serving, version: LoadedVersion, request: RankRequest) -> Scored:
        """Score one request. Raises ContextError, Overloaded or ScoringFailed."""
        ...


class Ranking(NamedTuple):
    """The known candidates, best first."""

    order: Indexes  # into Scored.known
    scores: NDArray[np.float64]  # aligned with Scored.known; NaN under a fallback
    fallback: str | None  # why the order is not the model's


class Asked(NamedTuple):
    """A request, and what was decided about it before scoring."""

    request: RankRequest
    request_id: str
    now: float  # unix seconds
    event: float  # unix seconds
    serving: Serving
    assignment: Assignment
    version: LoadedVersion
    missing: str | None  # why `version` is not the one that the arm names
    started: float  # time.perf_counter()


class Drafted(NamedTuple):
    """The two versions that were interleaved, and which of them chose each known item of the slate.

    `team` is None where the slate was drawn at random.
    """

    rankers: list[RankerRecord]
    team: NDArray[np.int8] | None

    def served(self, unknown: int, top: int | None) -> NDArray[np.int8] | None:
        """Who chose each item of the served slate: nobody chose the unknown candidates at its end."""
        if self.team is None:
            return None
        return np.concatenate([self.team, np.full(unknown, NEITHER, np.int8)])[:top]


class Made(NamedTuple):
    """A slate, and all that led to it: what record and answer are written from.

    `asked` names the version that answers, which may be another than the one that was asked.
    """

    asked: Asked
    scored: Scored
    ranking: Ranking
    slate: Slate
    drafted: Drafted | None = None


def best_first(scores: NDArray[np.float64]) -> Indexes:
    """Places from the highest score to the lowest, ties as they were given.

    Without ties all sorts agree, and the unstable one takes a quarter of the time (39 µs for 3,000).
    """
    falling = -scores
    order = np.argsort(falling)
    ordered = falling[order]
    if bool((ordered[1:] == ordered[:-1]).any()):
        return np.argsort(falling, kind="stable")
    return order


def split_known(rows: Indexes) -> tuple[Indexes, Indexes]:
    """Positions of known and of unknown candidates, from the catalogue's rows (-1 is unknown)."""
    if rows.min() >= 0:
        return np.arange(len(rows)), np.empty(0, np.int64)
    return np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
