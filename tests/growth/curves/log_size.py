"""What a record takes on disk, and what compacting it costs, as there are more candidates."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitoring.log.compact import Policy, compact
from monitoring.log.manifest import read_manifest
from monitoring.log.segments import segments
from tests.growth.apart import counted
from tests.growth.core import Cost, Curve, Measure
from tests.growth.long_log import write_log

WRITTEN = 300_000  # candidates of all decisions together
IDS = [f"product-{number:07d}" for number in range(20_000)]


@contextmanager
def _measuring(folder: Path) -> Iterator[Measure]:
    def measure(candidates: int) -> Cost:
        shutil.rmtree(folder, ignore_errors=True)
        decisions = WRITTEN // candidates
        write_log(folder, decisions, IDS, candidates=candidates, outcomes=False)
        with counted() as seconds:
            compact(folder, Policy(keep_segments=1e12, least_bytes=0))
        kept = folder / "decisions"
        live = sum(path.stat().st_size for path in segments(kept))
        small = sum((kept / part.name).stat().st_size for part in read_manifest(kept).parts)
        also = {"bytes live": live / decisions, "bytes compacted": small / decisions, "times": live / small}
        return Cost(WRITTEN, seconds(), also=also)

    yield measure


CURVES = (
    Curve(
        "compacting the log",
        size="candidates of a decision",
        unit="a candidate on record",
        sizes=(10, 100, 1_000),
        small=(10, 30, 100),
        measuring=_measuring,
    ),
)
