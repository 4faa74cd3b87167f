"""What is watched of the requests themselves, whichever version answers: one watch of several parts.

Every part takes the different requests of a look and gives observations by quantity. What a part can't watch,
it says why: nothing is dropped silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from bentos.control.guard.different_requests import AskedRequest, DifferentRequests
from bentos.control.guard.quantities import UNKNOWN, Observed
from bentos.control.guard.record_head import RecordHead
from monitoring.guard.quantity import Quantity


class RequestPart(Protocol):
    """One thing that is watched of requests."""

    @property
    def quantities(self) -> Sequence[Quantity]:
        """What it watches."""

    @property
    def unwatched(self) -> Mapping[str, str]:
        """What it can't watch, by quantity, and why."""

    def observe(self, requests: Sequence[AskedRequest]) -> Observed:
        """Observations by quantity, of requests in the order in which they came."""


class RequestWatch:
    """All parts over one stream of records; `catalogues` is the folder of snapshots."""

    def __init__(self, catalogues: Path, parts: Iterable[RequestPart]) -> None:
        self._requests = DifferentRequests(catalogues)
        self._parts = list(parts)

    @property
    def quantities(self) -> list[Quantity]:
        """What is watched."""
        return [each for part in self._parts for each in part.quantities]

    @property
    def unwatched(self) -> dict[str, str]:
        """What is not watched, by quantity, and why."""
        return {name: why for part in self._parts for name, why in part.unwatched.items()}

    @property
    def failing(self) -> list[str]:
        """What did not work at the last look, as sentences."""
        return self._requests.failing

    def observe(self, heads: Iterable[RecordHead]) -> Observed:
        """Observations by quantity, of new records."""
        requests = self._requests.of(heads)
        asked = [each.items for each in requests if each.first]
        found: Observed = {UNKNOWN: [items.unknown for items in asked if items is not None]}
        for part in self._parts:
            found |= part.observe(requests)
        return found
