"""The last decisions of the log, with what became of them so far: the tail of its newest segments.

Bounded in bytes and requests, so that a log of months costs the gate no more than one of an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalogue.catalogue import Catalogue
from models.engine import Engine
from models.gate.window import RequestWindow, jobs
from models.serving.served_features import stacked
from monitoring.log import plausible
from monitoring.log.observations import Observations
from monitoring.log.record import Decision, RecordError, decode, decode_outcome
from monitoring.log.segments import segments
from monitoring.log.struck import StruckWindow
from monitoring.log.struck import read as read_struck

Labels = dict[tuple[int, str], float]
"""By observation and item."""

OBSERVATIONS = 1500
TAIL = 16 * 1024 * 1024  # bytes read of each kind


def recent_window(log: Path) -> RequestWindow | None:
    """Up to 1,500 of the last requests that a version answered; None where there is none.

    The same candidates at the same moment are one request, however many viewers asked: it is counted as it
    was last decided. Outcomes are the latest values of each item, whichever viewer's; NaN where there is none
    yet, or where it lies in a struck or suspected window (`monitoring.log.struck`). A decision that fell back
    is left out: no version ordered it; so is one whose record does not have all candidates.
    """
    bounds = plausible.read(log)
    decisions = {
        each.request_id: each
        for each in _decisions(log / "decisions")
        if bounds.holds(each.time, each.received)
    }
    latest = _observed(sorted(decisions.values(), key=lambda each: each.received))
    if not latest:
        return None
    members = {
        each.request_id: _Member(place, each.time) for place, those in enumerate(latest) for each in those
    }
    struck = read_struck(log, suspected=True)
    values, left_out = _outcomes(log / "outcomes", members, struck, bounds)
    last = [those[-1] for those in latest]
    ids: list[Any] = [item for each in last for item in each.candidates]
    labels = [
        values.get((place, str(item)), np.nan) for place, each in enumerate(last) for item in each.candidates
    ]
    return RequestWindow(
        source="recent decisions",
        ids=ids,
        starts=np.cumsum([0, *(len(each.candidates) for each in last)]).astype(np.int64),
        contexts=[each.context for each in last],
        labels=np.array(labels, np.float64),
        as_asked=True,
        hours=len({each.time // 3600 for each in last}),
        left_out=left_out,
    )


class _Member(NamedTuple):
    """A decision of the window: its observation, and when it was made (unix s)."""

    place: int
    time: float


def _observed(decisions: list[Decision]) -> list[list[Decision]]:
    """The last observations, in the order in which they were last seen: the decisions of each."""
    seen, found = Observations(2 * len(decisions)), dict[int, list[Decision]]()
    for each in decisions:
        number = seen.number(each.candidates, each.time, each.context)
        found[number] = found.pop(number, [])  # the latest at the end
        found[number].append(each)
    return [*found.values()][-OBSERVATIONS:]


def _decisions(folder: Path) -> Iterator[Decision]:
    for line in _tail(folder):
        try:
            found = decode(line)
        except RecordError:
            continue  # a line that a crash tore, or one of a later release
        if found.fallback is None and found.candidates and found.digest is None:
            yield found


def _outcomes(
    folder: Path,
    members: Mapping[str, _Member],
    windows: Sequence[StruckWindow],
    bounds: plausible.LogBounds,
) -> tuple[Labels, Mapping[StruckWindow, int]]:
    """The latest value by observation and item, and how many are left out, by the window they lie in."""
    found: dict[tuple[int, str], tuple[float, float]] = {}
    left: dict[tuple[int, str], StruckWindow] = {}
    for line in _tail(folder):
        try:
            outcome = decode_outcome(line)
        except RecordError:
            continue
        member = members.get(outcome.request_id)
        if member is None:
            continue
        if not (
            bounds.holds(outcome.time, outcome.received) and bounds.least <= outcome.value <= bounds.most
        ):
            continue
        key = member.place, str(outcome.item)
        within = next((each for each in windows if each.holds(member.time) or each.holds(outcome.time)), None)
        if within is not None:
            left[key] = within
        elif key not in found or found[key][0] <= outcome.time:
            found[key] = outcome.time, outcome.value
    return {key: value for key, (_, value) in found.items()}, Counter(left.values())


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
