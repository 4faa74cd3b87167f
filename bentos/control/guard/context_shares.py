"""Context fields that are missing, filled with one value, or unknown more often than training had them.

What is missing at night is missing in all requests of the night, and an hour's value is that of all requests
of the hour. Where more of them come than training had, they tell no more: a field is looked at once for every
stretch of event time and kind of request. One that lacks more fields than any of training's tells by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bentos.control.guard.different_requests import AskedRequest
from bentos.control.guard.invariants import context_fields
from bentos.control.guard.quantities import GONE, TOGETHER, Observed, missing_of, repeats_of, unknown_of
from bentos.control.guard.recent_keys import RecentKeys
from models.contexts.field_shares import FIELDS
from models.contexts.reference import ContextReference, FieldShare
from models.contexts.shown import ODDS
from models.features import FeatureSpec
from monitoring.guard.quantity import Quantity
from monitoring.guard.repeats import MostFrequent
from monitoring.guard.unit import Unit

KEPT = 10_000  # stretches and kinds that are remembered


class ContextShares:
    """Watches of every field of the context how often it is missing, repeats one value, or is unknown."""

    def __init__(self, reference: ContextReference, spec: FeatureSpec) -> None:
        self.quantities: list[Quantity] = []
        self.unwatched: dict[str, str] = {}
        self._reference, self._spec = reference, spec
        self._gone = self._take(GONE, reference.gone)
        self._together = self._take(TOGETHER, reference.together)
        self._missing = {
            name for name, share in reference.missing.items() if self._take(missing_of(name), share)
        }
        self._known = {
            name: frozenset(reference.layout.context_categorical[name])
            for name, share in reference.unknown.items()
            if self._take(unknown_of(name), share)
        }
        self._guess = {
            name: MostFrequent()
            for name, share in reference.repeats.items()
            if self._take(repeats_of(name), share)
        }
        self._seen = RecentKeys(KEPT)

    def observe(self, requests: Sequence[AskedRequest]) -> Observed:
        """0 or 1 per different request and field; a value that is missing repeats none."""
        found: Observed = {each.name: [] for each in self.quantities}
        for request in requests:
            fields = context_fields(self._spec, request) if request.first else None
            if fields is None:
                continue
            values = {name: _value(fields[name][0]) for name in self._reference.layout.context_names}
            if self._gone:
                count = sum(value is None for value in values.values())
                found[GONE].append(float(count > self._reference.most))
            if self._new(request):
                self._look(values, found)
        return found

    def _look(self, values: dict[str, Any], found: Observed) -> None:
        said: list[float] = []
        for name, value in values.items():
            if name in self._missing:
                found[missing_of(name)].append(float(value is None))
            if name in self._known and value is not None:
                found[unknown_of(name)].append(float(value not in self._known[name]))
            if name not in self._guess or value is None:
                continue
            right = self._guess[name].look(value)
            if right is not None:
                found[repeats_of(name)].append(right)
                said.append(right)
        if self._together and len(said) >= FIELDS:
            found[TOGETHER].append(sum(said) / len(said))

    def _new(self, request: AskedRequest) -> bool:
        """Whether it is the first of its kind in half the usual time between two of them."""
        every, layout, items = self._reference.every, self._reference.layout, request.items
        if every is None:
            return True
        known = items is not None and items.count and not layout.missing_items(items.features)
        key = (
            layout.kind(items.features) if items is not None and known else (),
            request.time // (every / 2),
        )
        return self._seen.new(key)

    def _take(self, name: str, share: FieldShare) -> bool:
        """Watch one quantity if its reference lets more of it be told."""
        if share.limit is None:
            self.unwatched[name] = share.why
            return False
        source = f"{share.count} of {share.requests} in training"
        unit = Unit("requests", "of the fields" if name == TOGETHER else "")
        self.quantities.append(Quantity(name, "minutes", share.limit, source, ODDS, unit=unit))
        return True


def _value(value: Any) -> Any:
    """A value as it is compared; None where missing."""
    return None if (value == "" if isinstance(value, str) else np.isnan(value)) else value
