"""Whether contexts are what training's were: fields that go together, of their own candidates, in time.

Forests that training fitted say of each different request how likely its context is made up, alone
(`JOINT`), against those of its neighbours (`OWN`), against the next of its kind (`LATE`), and as a change
since the one before (`CHANGE`). Their limits come from held-out requests (`models.contexts.shown`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bentos.control.guard import quantities as names
from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.quantities import Observed
from bentos.control.guard.request_rows import DifferentContexts, Kin, Neighbourhood, RequestRow, rows_of
from models.contexts import reference as tests
from models.contexts.fits import changes, exchanges, follow, lateness, unlike
from models.contexts.reference import ContextReference
from models.contexts.shown import ODDS
from models.features import FeatureSpec
from monitoring.guard.quantity import Quantity
from monitoring.guard.unit import Unit

Floats = NDArray[np.float64]
Pairs = Sequence[tuple[RequestRow, RequestRow]]

UNITS = {
    tests.JOINT: Unit("contexts", "likely to be made up"),
    tests.OWN: Unit("requests", "of their neighbours"),
    tests.LATE: Unit("requests", "for the next context"),
    tests.CHANGE: Unit("changes", "likely to be made up"),
}
NAMES = {tests.JOINT: names.JOINT, tests.OWN: names.OWN, tests.LATE: names.LATE, tests.CHANGE: names.CHANGE}


class ContextFit:
    """Watches contexts by what `reference` learnt; `unwatched` is what it could not learn."""

    def __init__(self, reference: ContextReference, spec: FeatureSpec) -> None:
        self.quantities = [
            Quantity(NAMES[test], "minutes", shown.limit, shown.source, ODDS, unit=UNITS[test])
            for test, shown in reference.shown.items()
        ]
        self.unwatched = {NAMES[test]: why for test, why in reference.unlearnt.items()}
        self._reference, self._spec = reference, spec
        self._near, self._kin, self._contexts = Neighbourhood(), Kin(), DifferentContexts()

    def observe(self, requests: Sequence[AskedRequest]) -> Observed:
        """One observation per different request and test; one that tells nothing gives none."""
        rows = list(rows_of(requests, self._reference.layout, self._spec))
        pairs = self._kin.pairs(rows)
        found = {
            tests.JOINT: self._joint(rows),
            tests.OWN: self._own(rows),
            tests.LATE: self._late(pairs),
            tests.CHANGE: self._change(pairs),
        }
        return {
            NAMES[test]: values[~np.isnan(values)].tolist()
            for test, values in found.items()
            if test in self._reference.shown
        }

    def _joint(self, rows: Sequence[RequestRow]) -> Floats:
        new = [row.context for row in rows if self._contexts.new(row)]
        if tests.JOINT not in self._reference.shown or not new:
            return np.empty(0)
        return unlike(self._reference.forests[tests.JOINT], np.stack(new))

    def _own(self, rows: Sequence[RequestRow]) -> Floats:
        if tests.OWN not in self._reference.shown:
            return np.empty(0)
        there, at = self._near.whole(rows)
        if not len(at):
            return np.empty(0)
        return exchanges(self._reference.forests[tests.OWN], *_stacked(there), at)

    def _late(self, pairs: Pairs) -> Floats:
        if tests.LATE not in self._reference.shown or not pairs:
            return np.empty(0)
        first, after = ([pair[side] for pair in pairs] for side in (0, 1))
        contexts, candidates = _stacked([*first, *after])
        at = np.arange(len(pairs))
        return lateness(self._reference.forests[tests.OWN], contexts, candidates, at, at + len(pairs))

    def _change(self, pairs: Pairs) -> Floats:
        every = self._reference.every
        if tests.CHANGE not in self._reference.shown or every is None:
            return np.empty(0)
        gaps = np.array([after.time - before.time for before, after in pairs])
        follows = [pair for pair, usual in zip(pairs, follow(gaps, every), strict=True) if usual]
        if not follows:
            return np.empty(0)
        before, after = (np.stack([pair[side].context for pair in follows]) for side in (0, 1))
        return unlike(self._reference.forests[tests.CHANGE], changes(after, before))


def _stacked(rows: Sequence[RequestRow]) -> tuple[Floats, Floats]:
    """Contexts and candidates of rows whose candidates are known."""
    candidates = [row.candidates for row in rows if row.candidates is not None]
    return np.stack([row.context for row in rows]), np.stack(candidates)
