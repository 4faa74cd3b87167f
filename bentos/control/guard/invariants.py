"""Declared invariants, checked on every different request: what people know to hold, and does not.

They are those of ranker.toml as it is now, so that a person who adds one waits for no training. A fault of
whoever sends the context, whichever version answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.quantities import Observed, broken_of
from models.declaration.invariant_sentence import InvariantError, parse
from models.declaration.invariants import Fields, Invariant
from models.features import ContextError, FeatureSpec, own_context
from monitoring.guard.quantity import Quantity
from monitoring.guard.unit import Unit

LIMIT = 0.01  # of the requests: what always holds is broken by none


class InvariantWatch:
    """Checks `sentences` with a ranker's features; `unwatched` says why the others can't be checked."""

    def __init__(self, sentences: Iterable[str], spec: FeatureSpec) -> None:
        self.unwatched: dict[str, str] = {}
        self._spec = spec
        self._held: list[Invariant] = []
        for sentence in sentences:
            self._take(sentence)

    @property
    def quantities(self) -> list[Quantity]:
        """One per invariant: the share of the requests that break it."""
        return [
            Quantity(broken_of(each.sentence), "minutes", LIMIT, "[expect] invariants", unit=Unit("requests"))
            for each in self._held
        ]

    def observe(self, requests: Sequence[AskedRequest]) -> Observed:
        """1 for a request that breaks an invariant, 0 for one that keeps it; a missing field gives none."""
        found: Observed = {broken_of(each.sentence): [] for each in self._held}
        for request in requests:
            context = context_fields(self._spec, request)
            for each in self._held:
                broken = self._broken(each, context, request)
                if broken is not None:
                    found[broken_of(each.sentence)].append(float(broken))
        return found

    def _take(self, sentence: str) -> None:
        try:
            invariant = parse(sentence)
            trouble = invariant.trouble(self._spec)
        except InvariantError as error:
            trouble = str(error)
        if trouble is None:
            self._held.append(invariant)
        else:
            self.unwatched[broken_of(sentence)] = trouble

    def _broken(self, invariant: Invariant, context: Fields | None, request: AskedRequest) -> bool | None:
        names = invariant.named("item")
        items: Fields = {} if request.items is None else request.items.features
        if context is None or any(name not in items for name in names):
            return None
        return invariant.broken(context, items)


def context_fields(spec: FeatureSpec, request: AskedRequest) -> Fields | None:
    """A request's context as a version sees it, a value each; None for one that it refuses."""
    try:
        found = own_context(spec, request.context)
    except ContextError:
        return None
    numbers = {
        name: found.numeric[place : place + 1].astype(np.float64)
        for name, place in spec.numeric_position.items()
    }
    texts = {
        name: np.array([found.categorical[place]], object)
        for name, place in spec.categorical_position.items()
    }
    return numbers | texts
