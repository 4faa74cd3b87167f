"""Calibration that follows, on a year of flights: `python -m tests.proofs.flights_calibration [HOME]`.

A Logloss version of the flights' ranker (is this departure late?) is fitted on January to March and serves
April to December. Each airport and hour is asked for by some viewers; 1% of the answers are explored. Every
day a correction is refitted as the Steward does it, from what had matured by then of the explored answers
alone, and serves from that moment on if it passes. Calibration is measured on every departure of a month.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table as Printed

from models.declaration.declaration import Declaration, read
from models.declaration.sections import CorrectionSection
from models.table import dataset
from models.training.fitting import fit
from monitoring.calibration.correction import Correction
from monitoring.calibration.refit import Refitted, refit
from monitoring.calibration.rows import Rows

ROOT = Path(__file__).parents[2]
SHARE = 0.01  # of the answers are explored, as in experiments/live.yaml
DAY = 86_400.0
VIEWERS = 20  # ask for each airport and hour: 300 explored answers a month, 5,600 outcomes
MONTHS = range(4, 13)

Kind = Literal["additive", "isotonic"]
KINDS: tuple[Kind, ...] = ("additive", "isotonic")
# As [correction] has them where it says nothing else.
_DEFAULT = CorrectionSection(kind="additive")
WINDOW, LEAST, MOST = _DEFAULT.seconds("window") or 0.0, _DEFAULT.least, _DEFAULT.most

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
        source="tests.proofs.late:table", label="over_15", from_=start, until=end, test_share=share
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


class Followed(NamedTuple):
    """Scores as served, float64 (rows of the year), and how many corrections passed and were refused."""

    served: Floats
    passed: int
    refused: int


def followed(found: Year, kind: Kind, viewers: int = VIEWERS, seed: int = 0) -> Followed:
    """Refitted and judged every day, on what had matured that day of what was explored."""
    explored = slice_of(found, viewers, seed)
    time, served, now = found.time, found.score.copy(), None
    matured = float(np.quantile(found.known - time, 0.99))
    passed = refused = 0
    for morning in np.arange(time[0] + DAY, time[-1], DAY):
        until = morning - matured
        mature = explored[(time[explored] < until) & (time[explored] >= until - WINDOW)]
        mature = mature[found.known[mature] <= morning]
        result = refit(_rows(found, mature), kind, now, LEAST, MOST)
        if isinstance(result, Refitted):
            passed, refused = passed + result.judged.passed, refused + (not result.judged.passed)
            now = result.correction if result.judged.passed else now
        today = (time >= morning) & (time < morning + DAY)
        served[today] = _served(now, found.score[today])
    return Followed(served, passed, refused)


def _rows(found: Year, rows: NDArray[np.int64]) -> Rows:
    return Rows(
        found.time[rows], found.request[rows], found.score[rows], found.outcome[rows], np.ones(len(rows))
    )


def _served(now: Correction | None, scores: Floats) -> Floats:
    return scores if now is None else now.apply(scores)


class Month(NamedTuple):
    """A month's departures: expected calibration error, and the mean score less the share that was late."""

    error: float
    excess: float


def by_month(found: Year, served: Floats) -> dict[int, Month]:
    """Calibration of each month's departures."""
    months = ((month, found.month == month) for month in MONTHS)
    return {
        month: Month(error(served[rows], found.outcome[rows]), float((served - found.outcome)[rows].mean()))
        for month, rows in months
    }


def log_loss(found: Year, served: Floats) -> float:
    """Per departure, over the whole time."""
    return float(-np.log(np.clip(np.where(found.outcome == 1, served, 1 - served), 1e-6, 1)).mean())


def error(served: Floats, outcome: Floats) -> float:
    """Expected calibration error over ten bins of equally many rows, without its interval."""
    edges = np.quantile(served, np.linspace(0, 1, 11)[1:-1])
    gaps = np.bincount(np.searchsorted(edges, served, "right"), served - outcome, 10)
    return float(np.abs(gaps).sum() / len(served))


def main() -> None:
    """Print the table."""
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "var")
    found = year(home)
    served = {"none": found.score, **{kind: followed(found, kind).served for kind in KINDS}}
    months = {name: by_month(found, scores) for name, scores in served.items()}
    printed = Printed("month", "late", *served, title="calibration error (mean score less share late)")
    for month in MONTHS:
        late = found.outcome[found.month == month].mean()
        printed.add_row(f"2013-{month:02d}", f"{late:.3f}", *(_cell(months[name][month]) for name in served))
    for name, take in (("mean", np.mean), ("largest", np.max)):
        cells = (
            f"{take([each.error for each in one.values()]):.3f} "
            f"({take([abs(each.excess) for each in one.values()]):.3f})"
            for one in months.values()
        )
        printed.add_row(name, "", *cells)
    printed.add_row("log loss", "", *(f"{log_loss(found, scores):.4f}" for scores in served.values()))
    Console(width=110).print(printed)
    print(f"fitted on 1% of the answers: {len(slice_of(found, VIEWERS)):,} outcomes in nine months")


def _cell(month: Month) -> str:
    return f"{month.error:.3f} ({month.excess:+.3f})"


if __name__ == "__main__":
    main()
