"""The last decisions of the log, with what became of them so far: the tail of its newest segments.

Bounded in bytes and decisions, so that a log of months costs the gate no more than one of an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.engine import Engine
from models.gate.window import RequestWindow, jobs
from models.serving.served_features import stacked
from monitoring.log.record import Decision, RecordError, decode, decode_outcome
from monitoring.log.segments import segments

DECISIONS = 1500
TAIL = 16 * 1024 * 1024  # bytes read of each kind


def recent_window(log: Path) -> RequestWindow | None:
    """Up to 1,500 of the last decisions that a version served; None where there is none.

    Outcomes are the latest values of each item; NaN where there is none yet. A decision that fell back is
    left out: no version ordered it; so is one whose record does not have all candidates.
    """
    decisions = {each.request_id: each for each in _decisions(log / "decisions")}
    latest = sorted(decisions.values(), key=lambda each: each.received)[-DECISIONS:]
    if not latest:
        return None
    values = _outcomes(log / "outcomes", {each.request_id for each in latest})
    ids: list[Any] = [item for each in latest for item in each.candidates]
    labels = [values.get((each.request_id, str(item)), np.nan) for each in latest for item in each.candidates]
    return RequestWindow(
        source="recent decisions",
        ids=ids,
        starts=np.cumsum([0, *(len(each.candidates) for each in latest)]).astype(np.int64),
        contexts=[each.context for each in latest],
        labels=np.array(labels, np.float64),
        as_asked=True,
    )


def _decisions(folder: Path) -> Iterator[Decision]:
    for line in _tail(folder):
        try:
            found = decode(line)
        except RecordError:
            continue  # a line that a crash tore, or one of a later release
        if found.fallback is None and found.candidates and found.digest is None:
            yield found


def _outcomes(folder: Path, requests: set[str]) -> dict[tuple[str, str], float]:
    """The latest value by request and item."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for line in _tail(folder):
        try:
            outcome = decode_outcome(line)
        except RecordError:
            continue
        key = outcome.request_id, str(outcome.item)
        if outcome.request_id in requests and (key not in found or found[key][0] <= outcome.time):
            found[key] = outcome.time, outcome.value
    return {key: value for key, (_, value) in found.items()}


def _tail(folder: Path) -> Iterator[bytes]:
    """The last lines of the newest segments, at most TAIL bytes in all."""
    left = TAIL
    for path in sorted(segments(folder), key=lambda each: each.stat().st_mtime, reverse=True):
        size = path.stat().st_size
        with path.open("rb") as file:
            if size > left:
                file.seek(size - left)
                file.readline()  # the rest of a line that began before
            yield from file
        left -= size
        if left <= 0:
            return


def served_columns(window: RequestWindow, engine: Engine, catalogue: Catalogue) -> dict[str, NDArray[Any]]:
    """Every feature of every row as the engine sees it when it serves the window's requests."""
    asked = jobs(window, engine, catalogue)
    return stacked(engine.spec.names, (engine.features(job.rows, job.context) for job in asked))
