"""Calibration that follows, on a year of flights: `python -m tests.monitoring.flights_calibration [HOME]`.

A Logloss version of the flights' ranker (is this departure late?) is fitted on January to March and serves
April to December. Each airport and hour is asked for by some viewers; 1% of the answers are explored. Every
day a correction is refitted as the Steward does it, from what had matured by then of the explored answers
alone, and serves from that moment on if it passes. Calibration is measured on every departure of a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models import dataset
from models.declaration import Declaration, read
from models.train import fit
from monitoring.calibration import Calibration, measure
from monitoring.correction import Correction
from monitoring.refit import Rows, refit

ROOT = Path(__file__).parents[2]
SHARE = 0.01  # of the answers are explored, as in experiments/live.yaml
DAY = 86_400.0
KINDS: tuple[Literal["additive", "isotonic"], ...] = ("additive", "isotonic")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Year:
    """Departures from April on, a row each, in time order, scored by the model of the first quarter."""

    time: Floats
    known: Floats
    request: NDArray[np.int64]
    score: Floats
    outcome: Floats

    @property
    def month(self) -> NDArray[np.int64]:
        """4 to 12."""
        return self.time.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12 + 1


def declared() -> Declaration:
    """The flights' ranker with two classes, fitted on January to March; the rest of the year is its test."""
    start, middle, end = (datetime(*day, tzinfo=UTC) for day in ((2013, 1, 1), (2013, 4, 1), (2014, 1, 1)))
    two = read(ROOT / "models" / "ranker.toml").with_ranker(objective="Logloss")
    share = (end - middle) / (end - start)
    return two.with_data(
        source="tests.monitoring.late:table", label="over_15", from_=start, until=end, test_share=share
    )


def year(home: Path, trees: int = 300) -> Year:
    """Train, and score what comes after."""
    table = dataset.read(declared().with_ranker(trees=trees), home)
    rows = np.flatnonzero(table.test)
    scores = fit(table).predict(table.features(rows))
    assert table.time is not None
    assert table.label_time is not None
    return Year(table.time[rows], table.label_time[rows], table.request[rows], scores, table.label[rows])


def slice_of(found: Year, viewers: int, seed: int = 0) -> NDArray[np.int64]:
    """Rows of explored answers, in order; a request that two viewers were shown at random is there twice."""
    requests, starts = np.unique(found.request, return_index=True)
    explored = np.random.default_rng(seed).binomial(viewers, SHARE, len(requests))
    ends = np.append(starts[1:], len(found.request))
    return np.concatenate(
        [np.arange(starts[r], ends[r]) for r in np.repeat(np.arange(len(explored)), explored)]
    )


def followed(
    found: Year,
    kind: Literal["additive", "isotonic"],
    viewers: int,
    days: float,
    least: int = 500,
    seed: int = 0,
) -> tuple[Floats, int, int]:
    """(scores as served, corrections published, corrections refused): refitted daily, judged, never ahead."""
    explored = slice_of(found, viewers, seed)
    time, served, now = found.time, found.score.copy(), None
    matured = float(np.quantile(found.known - time, 0.99))
    published = refused = 0
    for morning in np.arange(time[0] + DAY, time[-1], DAY):
        until = morning - matured
        mature = explored[(time[explored] < until) & (time[explored] >= until - days * DAY)]
        mature = mature[found.known[mature] <= morning]
        result = refit(_rows(found, mature), kind, now, least, 0.2)
        if not isinstance(result, str):
            published, refused = published + result.judged.passed, refused + (not result.judged.passed)
            now = result.correction if result.judged.passed else now
        today = (time >= morning) & (time < morning + DAY)
        served[today] = _served(now, found.score[today])
    return served, published, refused


def _rows(found: Year, rows: NDArray[np.int64]) -> Rows:
    return Rows(
        found.time[rows], found.request[rows], found.score[rows], found.outcome[rows], np.ones(len(rows))
    )


def _served(now: Correction | None, scores: Floats) -> Floats:
    return scores if now is None else now.apply(scores)


def by_month(found: Year, served: Floats) -> Iterator[tuple[int, Calibration]]:
    """Calibration of each month's departures."""
    for month in range(4, 13):
        rows = found.month == month
        measured = measure(served[rows], found.outcome[rows], found.request[rows])
        assert isinstance(measured, Calibration), measured
        yield month, measured
