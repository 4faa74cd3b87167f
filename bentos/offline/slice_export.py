"""The exploration slice as a training set: what was shown by chance, how likely that was, what came of it.

A ranker that learns from its own answers learns what it already believes. In the slice the order was drawn,
so that positions say nothing about the items; `weight` makes up for draws that aren't uniform.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bentos.home.state import Home
from bentos.offline.frame_writer import FrameWriter
from bentos.offline.referenced import Referenced
from bentos.offline.slice_rows import frame_of
from experiments.config.problems import AnalysisError
from monitoring.log.known_outcomes import TOGETHER, Wanted, read_decisions
from monitoring.log.window import window

BATCH = 1_000  # decisions that are held at once
OWN = (
    *("request_id", "unit", "time", "version", "snapshot", "item", "position", "score"),
    *("label", "outcome", "outcome_time", "propensity", "weight"),
)
"""Columns beside the features."""


@dataclass(frozen=True)
class Exported:
    """What is in the file. `left_out`: reason → explored decisions (or rows) that aren't.

    `matured`: rows with an outcome of their own; the others count as label 0.
    """

    decisions: int
    rows: int
    matured: int
    versions: Mapping[str, int]
    left_out: Mapping[str, int]
    features: tuple[str, ...]


def export(
    home: Home,
    file: Path,
    between: tuple[float | None, float | None] = (None, None),
    settle_hours: float = 0.0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the explored decisions of a window, one row per request and known item shown, as Parquet.

    `between`: first and last moment of the event, unix seconds, half open. Decisions younger than
    `settle_hours` at the log's end are left out. `on_progress` is called with (decisions so far, in all).

    Raises AnalysisError where no decision can be exported.
    """
    with window(home.log, *between) as log:
        rows = read_decisions(log, Wanted(explored=True, settled=settle_hours * 3600 or None, order=TOGETHER))
    source, left_out = Referenced(home), Counter[str]()
    usable = [row for row in rows.itertuples() if _counted(source.refusal(row), left_out)]
    if not usable:
        raise AnalysisError(f"log: none of {len(rows)} explored decisions can be exported: {dict(left_out)}")
    features = _features(source, usable)
    written, matured, kept = 0, 0, Counter[str]()
    with FrameWriter(file, (*OWN, *features)) as writer:
        for batch in _batches(usable):
            frame = frame_of(source, batch)
            known = frame["weight"].notna()
            left_out["rows without a propensity"] += int((~known).sum())
            writer.write(frame[known])
            written += int(known.sum())
            matured += int(frame.loc[known, "outcome"].notna().sum())
            kept[batch[0].model] += len(batch)
            if on_progress is not None:
                on_progress(sum(kept.values()), len(usable))
    found = {reason: n for reason, n in left_out.items() if n}
    return Exported(len(usable), written, matured, dict(kept), found, features)


def _counted(reason: str | None, left_out: Counter[str]) -> bool:
    if reason is not None:
        left_out[reason] += 1
    return reason is None


def _features(source: Referenced, usable: list[Any]) -> tuple[str, ...]:
    """The features of all versions in the file; those that a version lacks are missing in its rows."""
    one_each = {row.model: row for row in usable}.values()
    names = dict.fromkeys(name for row in one_each for name in source.of(row)[0].spec.names)
    if taken := sorted(set(names) & set(OWN)):
        raise AnalysisError(f"export: features {', '.join(taken)} have the names of columns of the export")
    return tuple(names)


def _batches(usable: list[Any]) -> Iterator[list[Any]]:
    """Decisions of one version and snapshot at a time."""
    batch: list[Any] = []
    for row in usable:
        alike = batch and (batch[0].model, batch[0].snapshot) == (row.model, row.snapshot)
        if batch and (not alike or len(batch) == BATCH):
            yield batch
            batch = []
        batch.append(row)
    yield batch
