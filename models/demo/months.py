"""The flights' ranker, trained on the four months before each of five months and judged on that month.

Run it: `python -m models.demo.months [BALLAST_HOME]`; about a minute on two cores.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table as Printed

from models.declaration.declaration import Declaration, read
from models.table import dataset
from models.table.dataset import Table
from models.training import ranking_metrics
from models.training.fitting import fit
from models.training.ranking_metrics import MetricEstimate

# NDCG@10 of a first trial with 27 features, 200 trees, trained the same way: what to reach at least.
TRIAL = {4: 0.503, 6: 0.527, 8: 0.472, 10: 0.440, 12: 0.525}


def month(declaration: Declaration, number: int) -> Declaration:
    """The declaration with the four months before to train on (from January on) and the month to test on."""
    first = datetime(2013, max(1, number - 4), 1, tzinfo=UTC)
    start = datetime(2013, number, 1, tzinfo=UTC)
    until = datetime(2013 + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return declaration.with_data(from_=first, until=until, test_share=(until - start) / (until - first))


def measured(declaration: Declaration, home: Path) -> Iterator[tuple[int, MetricEstimate, MetricEstimate]]:
    """(month, NDCG@10, NDCG@10 of a random order) for each month of the trial."""
    for number in TRIAL:
        table = dataset.read(month(declaration, number), home)
        rows = np.flatnonzero(table.test)
        scores = fit(table).predict(table.features(rows))
        yield number, _ndcg(table, scores), _ndcg(table, np.zeros(len(rows)))


def _ndcg(table: Table, scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> MetricEstimate:
    starts = dataset.starts_of(table.request[table.test])
    return ranking_metrics.bootstrap(
        ranking_metrics.ndcg(table.label[table.test], scores, starts, 10, table.declaration.data.gain)
    )


def main() -> None:
    """Print the table."""
    home = Path(sys.argv[1] if len(sys.argv) > 1 else "var")
    printed = Printed("month", "NDCG@10", "95% interval", "random", "trial with 27 features", "requests")
    for number, found, chance in measured(read(Path(__file__).parents[1] / "ranker.toml"), home):
        figures = (f"{found.value:.4f}", f"{found.low:.3f}–{found.high:.3f}", f"{chance.value:.3f}")
        printed.add_row(f"2013-{number:02d}", *figures, f"{TRIAL[number]:.3f}", f"{found.n:,}")
    Console().print(printed)


if __name__ == "__main__":
    main()
