"""How many fewer requests interleaving needs than a split, on real flights: two rankers, real outcomes.

``python -m tests.proofs.flights_interleaving`` trains the declared ranker on January to March and on
January alone (a stale one, healthily worse), and asks both about every airport hour of April to June. Each
request is a unit of its own; what the split sees is NDCG@10 in either arm, what interleaving sees is the
credit of one draft. Experiments are drawn from those requests with replacement, and tested at 5%.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np

from experiments.interleaving.preferences import credit
from experiments.slates.interleave import team_draft

TOP = 10
DRAFTS = 8  # drafts of each request, of which an experiment takes one
ROOT = Path(__file__).resolve().parents[2]
Z = 1.959964  # of 5%, both sides
Z_POWER = 0.841621  # of 80%

Asked = tuple[np.ndarray, np.ndarray, np.ndarray]  # labels, scores of the first ranker, of the second


@dataclass(frozen=True)
class Worths:
    """What each request gives: NDCG@10 of both rankers float64[n, 2], credits of its drafts float64[n, k]."""

    quality: np.ndarray
    credits: np.ndarray

    @property
    def gap(self) -> float:
        """By how much the second ranker is better, in NDCG@10."""
        return float((self.quality[:, 1] - self.quality[:, 0]).mean())

    def needed(self) -> tuple[float, float]:
        """Requests in all for a power of 80%: by a split in halves, and by interleaving."""
        variance = self.quality.var(axis=0).sum()
        split = (Z + Z_POWER) ** 2 * 2 * variance / self.gap**2
        return split, (Z + Z_POWER) ** 2 * self.credits.var() / self.credits.mean() ** 2

    def power(self, requests: int, runs: int, draw: np.random.Generator) -> tuple[float, float]:
        """Share of experiments of that size that find the better ranker: by a split, by interleaving."""
        found = np.zeros(2)
        for _ in range(runs):
            rows = draw.integers(0, len(self.quality), requests)
            half = requests // 2
            one, other = self.quality[rows[:half], 0], self.quality[rows[half:], 1]
            spread = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
            drafted = self.credits[rows, draw.integers(0, self.credits.shape[1], requests)]
            within = drafted.std(ddof=1) / np.sqrt(requests)
            sign = np.sign(self.gap)
            found += [sign * (other.mean() - one.mean()) > Z * spread, sign * drafted.mean() > Z * within]
        split, interleaved = (found / runs).tolist()
        return split, interleaved


def worths(requests: Iterator[Asked]) -> Worths:
    """Both rankers' NDCG@10 of every request that has a positive label, and the credits of its drafts."""
    quality, credits = [], []
    for number, (labels, first, second) in enumerate(requests):
        gains = 2.0**labels - 1
        best = _dcg(np.sort(gains)[::-1])
        if best == 0 or len(labels) < 2:
            continue
        orders = [np.argsort(-scores, kind="stable") for scores in (first, second)]
        quality.append([_dcg(gains[order]) / best for order in orders])
        each = []
        for salt in range(DRAFTS):
            draft = team_draft(orders[0], orders[1], f"s-{salt}", f"r-{number}")
            served = gains[draft.order][:TOP]
            each.append(credit(draft.team, served / np.log2(np.arange(len(served)) + 2) / best, TOP))
        credits.append(each)
    return Worths(np.array(quality), np.array(credits))


def _dcg(gains: np.ndarray) -> float:
    return float(gains[:TOP] @ (1 / np.log2(np.arange(min(TOP, len(gains))) + 2)))


def rankers() -> Iterator[Asked]:
    """Requests of April to June, scored by rankers of January alone and of January to March."""
    from models.declaration.declaration import read
    from models.table import dataset
    from models.training.fitting import fit

    declared = read(ROOT / "models" / "ranker.toml")
    with tempfile.TemporaryDirectory() as folder:
        tables = [
            dataset.read(declared.with_data(until=datetime(2013, month, 1, tzinfo=UTC)), Path(folder))
            for month in (2, 4)
        ]
    now = tables[1]
    if now.time is None:
        raise RuntimeError("the flights have a time")
    first, last = (datetime(2013, month, 1, tzinfo=UTC).timestamp() for month in (4, 7))
    rows = np.flatnonzero((now.time >= first) & (now.time < last))
    features = now.features(rows)
    scores = [fit(table).predict(features) for table in tables]
    request = now.request[rows]
    bounds = np.concatenate([[0], np.flatnonzero(np.diff(request)) + 1, [len(rows)]])
    for low, high in pairwise(bounds.tolist()):
        yield now.label[rows[low:high]], scores[0][low:high], scores[1][low:high]


def main() -> None:
    """Print the table of docs/statistics.md."""
    found, draw = worths(rankers()), np.random.default_rng(0)
    split, interleaved = found.needed()
    out = sys.stdout.write
    out(f"{len(found.quality):,} requests; NDCG@10 {found.quality.mean(axis=0).round(4).tolist()}\n")
    out(f"for a power of 80%: {split:,.0f} by a split, {interleaved:,.0f} by interleaving, ")
    out(f"{split / interleaved:.1f} times fewer\n\n| requests | split | interleaving |\n|---|---|---|\n")
    for requests in (250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 40_000):
        one, other = found.power(requests, 1_000, draw)
        out(f"| {requests:,} | {one:.0%} | {other:.0%} |\n")


if __name__ == "__main__":
    main()
