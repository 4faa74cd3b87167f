"""The different requests among new records, with what their candidates are: here faults of contexts show.

Fifty viewers who ask for one list at one moment are one request (`monitoring.log.observations`): whether
their context is right can be told once. Items are looked up in the snapshot that the answer was made from.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bentos.control.guard.record_head import RecordHead
from models.catalogue.catalogue import Catalogue, CatalogueError
from monitoring.log.observations import MOMENT, Observations

AT_MOST, CANDIDATES = 200, 50_000
"""Different requests of one look, and their candidates: the first of a second are as good as the others."""
KEPT = 50_000  # records remembered by their text
OPEN = 3  # snapshots that are held open

_candidates = msgspec.json.Decoder(list[str | int])


@dataclass(frozen=True)
class AskedItems:
    """The known candidates of one request: features by name, one value each, and the share that is unknown.

    Numbers are float32 with NaN, texts are objects with "" where missing, as the model sees them.
    """

    features: Mapping[str, NDArray[Any]]
    count: int
    unknown: float


@dataclass(frozen=True)
class AskedRequest:
    """One different request: event time (unix s), context, candidates; `items` is None where not looked up.

    `first` is whether it is the first of its observation: the same candidates at the same moment before had
    another context otherwise. `whole` is whether `items` are all that were asked for, not only those served.
    """

    time: float
    context: Mapping[str, Any]
    snapshot: str
    items: AskedItems | None
    first: bool
    whole: bool = True


class DifferentRequests:
    """Picks the different requests out of records; `catalogues` is the folder of snapshots.

    `failing` says why items of the last requests could not be looked up.
    """

    def __init__(self, catalogues: Path) -> None:
        self.failing: list[str] = []
        self._catalogues = catalogues
        self._open: OrderedDict[str, Catalogue] = OrderedDict()
        self._texts: OrderedDict[int, None] = OrderedDict()
        self._observations = Observations()

    def of(self, heads: Iterable[RecordHead]) -> list[AskedRequest]:
        """The different requests of new records, 200 at most."""
        fresh = [head for head in heads if self._fresh(head)]
        if fresh:
            self.failing = []
        room = CANDIDATES
        found: list[AskedRequest] = []
        for head in fresh[:AT_MOST]:
            candidates = _candidates.decode(head.candidates)
            room -= len(candidates)
            if found and room < 0:
                break
            found.append(self._asked(head, candidates))
        return found

    def _fresh(self, head: RecordHead) -> bool:
        """Whether no record of this hour had the same text of candidates and context."""
        key = hash((bytes(head.candidates), tuple(head.context.items()), head.time // MOMENT))
        if key in self._texts:
            self._texts.move_to_end(key)
            return False
        self._texts[key] = None
        while len(self._texts) > KEPT:
            self._texts.popitem(last=False)
        return True

    def _asked(self, head: RecordHead, candidates: Sequence[str | int]) -> AskedRequest:
        first = self._observations.new(candidates, head.time, head.context)
        items = self._items(head.snapshot, candidates)
        return AskedRequest(head.time, head.context, head.snapshot, items, first, head.digest is None)

    def _items(self, snapshot: str, candidates: Sequence[str | int]) -> AskedItems | None:
        try:
            catalogue = self._catalogue(snapshot)
        except (CatalogueError, OSError) as error:
            if not self.failing:
                self.failing.append(f"items of snapshot {snapshot} are not looked up: {error}")
            return None
        wanted = [each for each in candidates if isinstance(each, catalogue.id_type)]
        rows = catalogue.rows(wanted)  # type: ignore[arg-type]
        known = rows[rows >= 0]
        return AskedItems(_features(catalogue, known), len(known), 1 - len(known) / max(1, len(candidates)))

    def _catalogue(self, snapshot: str) -> Catalogue:
        if snapshot not in self._open:
            self._open[snapshot] = Catalogue.open(self._catalogues / snapshot)
            while len(self._open) > OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(snapshot)
        return self._open[snapshot]


def _features(catalogue: Catalogue, rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for place, name in enumerate(catalogue.numeric_names):
        found[name] = catalogue.numeric[place, rows]
    for place, name in enumerate(catalogue.categorical_names):
        words = catalogue.vocabularies[place]
        codes = catalogue.codes[place, rows].tolist()
        found[name] = np.array([words[code] if code >= 0 else "" for code in codes], object)
    return found
