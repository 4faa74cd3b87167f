"""What analysing an experiment costs as its log grows, before any of it is compacted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.analysis.analyze import analyze
from experiments.analysis.log_rows import Reading
from monitoring.log.window import BOUNDED, window
from tests.experiments.analysis.logged import TAIL, asked, serve
from tests.experiments.files import live
from tests.growth.apart import apart, counted
from tests.growth.core import Cost, Curve, Measure

START = 1e6
EACH = 8  # decisions of a unit


def analysed(decisions: int, folder: Path) -> Cost:
    """Of six candidates each, with all outcomes; the first analysis, which loads libraries, isn't counted."""
    config = live(tail=TAIL)
    for count in (500, decisions):
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "decisions").mkdir(parents=True)
        (folder / "outcomes").mkdir()
        units = [f"viewer-{number % (count // EACH)}" for number in range(count)]
        serve(folder, config, units, START, 1.0, 1)
        with counted() as seconds, window(folder, memory=BOUNDED) as log:
            analyze(*asked(log, "challenger", {config.digest: config}, Reading(START + count + 1e6)))
    return Cost(decisions, seconds())


@contextmanager
def _measuring(folder: Path) -> Iterator[Measure]:
    yield lambda decisions: apart(f"{__name__}:analysed", decisions, folder)


CURVES = (
    Curve(
        "analysis before compaction",
        size="decisions",
        unit="a decision of 6 candidates",
        sizes=(10_000, 50_000, 250_000),
        small=(1_000, 4_000, 16_000),
        measuring=_measuring,
    ),
)
