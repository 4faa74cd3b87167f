"""Different requests as rows of numbers, in the order in which they come, for what is tested over several."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.invariants import context_fields
from bentos.control.guard.recent_keys import RecentKeys
from models.contexts.fits import AHEAD
from models.contexts.layout import RequestLayout
from models.features import FeatureSpec
from monitoring.guard.exchange import REACH
from monitoring.log.observations import MOMENT

Floats = NDArray[np.float64]

KEPT = 10_000  # contexts that are remembered


@dataclass(frozen=True, eq=False)
class RequestRow:
    """A request's context (p) and candidates (q; None where they are not known), its kind, and event time."""

    context: Floats
    candidates: Floats | None
    kind: Hashable
    time: float


def rows_of(
    requests: Sequence[AskedRequest], layout: RequestLayout, spec: FeatureSpec
) -> Iterator[RequestRow]:
    """The rows of the first requests of their observations; a context that the version refuses has none."""
    for request in requests:
        fields = context_fields(spec, request) if request.first else None
        if fields is None:
            continue
        context, items = layout.contexts(fields)[0], request.items
        if items is None or not request.whole or not items.count or layout.missing_items(items.features):
            yield RequestRow(context, None, None, request.time)
            continue
        candidates = layout.candidates(items.features, np.array([0, items.count]))[0]
        yield RequestRow(context, candidates, layout.kind(items.features), request.time)


class DifferentContexts:
    """Tells contexts that are new within their hour: many lists may be asked for with one."""

    def __init__(self) -> None:
        self._seen = RecentKeys(KEPT)

    def new(self, row: RequestRow) -> bool:
        """Whether no row of this hour had the same context."""
        return self._seen.new((row.context.tobytes(), row.time // MOMENT))


class Neighbourhood:
    """The latest rows: gives out each one when the 11 before and the 11 after it are there."""

    def __init__(self) -> None:
        self._rows: deque[RequestRow] = deque()

    def whole(self, rows: Sequence[RequestRow]) -> tuple[Sequence[RequestRow], NDArray[np.int64]]:
        """Rows, and the places among them whose neighbours have all come with the new `rows`."""
        self._rows.extend(row for row in rows if row.candidates is not None)
        there = list(self._rows)
        at = np.arange(REACH, len(there) - REACH)
        while len(self._rows) > 2 * REACH:
            self._rows.popleft()
        return there, at


class Kin:
    """Pairs of requests of a kind that follow each other."""

    def __init__(self) -> None:
        self._count = 0
        self._last: dict[Hashable, tuple[int, RequestRow]] = {}

    def pairs(self, rows: Sequence[RequestRow]) -> list[tuple[RequestRow, RequestRow]]:
        """For each new row the last one of its kind among the 64 before it, and itself."""
        found = []
        for row in rows:
            if row.candidates is None:
                continue
            self._count += 1
            number, before = self._last.get(row.kind, (-AHEAD, row))
            if self._count - number <= AHEAD and before is not row:
                found.append((before, row))
            self._last[row.kind] = self._count, row
        self._last = {kind: each for kind, each in self._last.items() if self._count - each[0] <= AHEAD}
        return found
