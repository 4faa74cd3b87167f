"""Context that stands still or is out of range: a fault of whoever sends it, whichever version answers. Pure.

Requests of one moment share their context, so each context counts once per stretch of time. A feature stands
still if it has a value that it already had between one and two spans of time before. A feature of which this
is often true in the reference, such as a weekday, is not watched for it.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bentos.control.guard.quantities import Observed, range_of, special_of, still_of
from bentos.control.guard.recent_keys import RecentKeys
from monitoring.guard.bounds import Bounds
from monitoring.guard.limits import share_limit
from monitoring.guard.quantity import Quantity, Unwatched
from monitoring.guard.unit import Unit

SPANS = (2 * 3600.0, 6 * 3600.0, 24 * 3600.0)  # seconds
PARTS = 4  # stretches in a span
KEPT = 64  # stretches remembered
CONTEXTS = 20_000  # contexts remembered
REPEATS = 0.15  # of a watched feature, at most this share of the reference looks as if it stood still
LEAST_STILL, LEAST_RANGE, LEAST_SPECIAL = 0.3, 0.25, 0.2  # limits are never under these shares
MOST_SPECIAL = 0.8  # of a feature that has more of them nothing can be told
SEEN = Unit("contexts")
LEAST = 50  # observations of the reference without which a feature is not watched

Moment = tuple[float, Mapping[str, Any]]
"""Event time in unix seconds, and a request's context."""


class Stillness:
    """Tells whether a feature stands still: remembers its values by stretch of event time."""

    def __init__(self, span: float) -> None:
        self._stretch = span / PARTS
        self._values: OrderedDict[int, set[Any]] = OrderedDict()

    def look(self, time: float, value: Any) -> float | None:
        """1 where the value was there a span ago, 0 where others were, None where none is known of then."""
        now = int(time // self._stretch)
        earlier = [self._values.get(now - back) for back in range(PARTS, 2 * PARTS)]
        if now not in self._values:
            self._values[now] = set()
            while len(self._values) > KEPT:
                self._values.popitem(last=False)
        self._values[now].add(value)
        known = [each for each in earlier if each]
        return float(any(value in each for each in known)) if known else None


class ContextWatch:
    """Watches the context's numbers against a reference of requests in time order."""

    def __init__(
        self,
        names: Iterable[str],
        reference: Sequence[Moment],
        special: Mapping[str, Collection[float]] | None = None,
    ) -> None:
        self.quantities: list[Quantity] = []
        self.unwatched: list[Unwatched] = []
        self._still: dict[str, Stillness] = {}
        self._bounds: dict[str, Bounds] = {}
        self._special = {name: frozenset(values) for name, values in (special or {}).items() if values}
        self._watched_special: set[str] = set()
        self._seen = RecentKeys(CONTEXTS)
        for name in names:
            self._learn_stillness(name, reference)
            self._learn_bounds(name, reference)
            if name in self._special:
                self._learn_special(name, reference)

    def observe(self, moments: Iterable[Moment]) -> Observed:
        """Observations by quantity."""
        found: Observed = {quantity.name: [] for quantity in self.quantities}
        for time, context in moments:
            if not self._seen.new(_key(time, context)):
                continue
            for name, still in self._still.items():
                value = context.get(name)
                said = None if value is None else still.look(time, value)
                if said is not None:
                    found[still_of(name)].append(said)
            for name, bounds in self._bounds.items():
                if self._is_amount(name, context.get(name)):
                    found[range_of(name)].append(bounds.outside(context[name]))
            for name in self._watched_special & context.keys():
                found[special_of(name)].append(float(context[name] in self._special[name]))
        return found

    def _is_amount(self, name: str, value: Any) -> bool:
        """Whether it is a number that stands for no more than itself."""
        return is_number(value) and value not in self._special.get(name, ())

    def _learn_stillness(self, name: str, reference: Sequence[Moment]) -> None:
        found: list[str] = []
        for span in SPANS:
            still = Stillness(span)
            looks = (still.look(time, context[name]) for time, context in reference if _given(context, name))
            said = [look for look in looks if look is not None]
            if len(said) >= LEAST and sum(said) / len(said) <= REPEATS:
                limit = max(LEAST_STILL, share_limit(int(sum(said)), len(said)))
                source = f"{sum(said):.0f} of {len(said)} in training; a span of {span / 3600:g} h"
                self.quantities.append(Quantity(still_of(name), "minutes", limit, source, unit=SEEN))
                self._still[name] = Stillness(span)
                return
            found.append(f"{sum(said):.0f} of {len(said)} after {span / 3600:g} h")
        few = f"it is where it was too often in training, or seen too rarely: {', '.join(found)}"
        self.unwatched.append(Unwatched(still_of(name), "minutes", few))

    def _learn_bounds(self, name: str, reference: Sequence[Moment]) -> None:
        values = [context[name] for _, context in reference if self._is_amount(name, context.get(name))]
        if len(values) < LEAST or min(values) == max(values):
            why = f"{len(values)} numbers in training: {LEAST} are needed"
            if len(values) >= LEAST:
                why = f"it was {values[0]:.4g} all of the time in training"
            self.unwatched.append(Unwatched(range_of(name), "minutes", why))
            return
        bounds = Bounds.usual(values)
        source = f"{bounds.low:.4g} to {bounds.high:.4g}: nearly all of {len(values)} in training, widened"
        self.quantities.append(Quantity(range_of(name), "minutes", LEAST_RANGE, source, unit=SEEN))
        self._bounds[name] = bounds

    def _learn_special(self, name: str, reference: Sequence[Moment]) -> None:
        once = {_key(time, context): context for time, context in reference if _given(context, name)}
        values = [context[name] for context in once.values()]
        count = sum(value in self._special[name] for value in values)
        limit = max(LEAST_SPECIAL, share_limit(count, len(values))) if len(values) >= LEAST else 1.0
        if limit > MOST_SPECIAL:
            why = f"{count} of {len(values)} values in training were special: more can't be told"
            self.unwatched.append(Unwatched(special_of(name), "minutes", why))
            return
        source = f"{count} of {len(values)} in training"
        self.quantities.append(Quantity(special_of(name), "minutes", limit, source, unit=SEEN))
        self._watched_special.add(name)


def _key(time: float, context: Mapping[str, Any]) -> tuple[int, int]:
    """By which a context counts once per stretch of time."""
    return int(time // (SPANS[0] / PARTS)), hash(tuple(sorted(context.items(), key=lambda each: each[0])))


def _given(context: Mapping[str, Any], name: str) -> bool:
    return context.get(name) is not None


def is_number(value: Any) -> bool:
    """Whether a value of a context is a number, and not one that stands for none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
