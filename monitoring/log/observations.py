"""Which decisions are one observation: the same candidates at the same moment, however many viewers asked.

Fifty viewers who ask for one airport and hour tell of one order of one list, and of one set of outcomes. A
test that counts them as fifty finds what chance has made, and calls it sure. Whatever tests recent decisions
therefore counts observations: one per number that `Observations` gives.

The same candidates are one where their event time is the same (a replay, a batch), or where they come within
an hour with the same context: live viewers ask seconds apart. Another context of other viewers is another
observation: it is another order, and outcomes of other people.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

MOMENT = 3600.0
"""Seconds of event time within which equal candidates in an equal context are one observation."""

KEPT = 100_000  # keys remembered: two of each observation
_Key = tuple[int, float, int | None]
Keys = tuple[_Key, _Key]
"""Two decisions are one observation where they have one of these in common; of one process only."""


class Observations:
    """Numbers decisions by observation, from 0 in the order in which observations were first seen.

    Keeps the keys seen last, so that a process can go on asking for ever.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._numbers: OrderedDict[_Key, int] = OrderedDict()
        self._next = 0

    def number(self, candidates: Iterable[object], time: float, context: Mapping[str, Any]) -> int:
        """The observation that a decision belongs to; candidates in any order, `time` in unix seconds.

        >>> seen = Observations()
        >>> seen.number(["a", "b"], 7200.0, {"hour": 2}), seen.number(["b", "a"], 7200.0, {"hour": 2})
        (0, 0)
        >>> seen.number(["a", "b"], 7260.0, {"hour": 2}), seen.number(["a", "b"], 7260.5, {"hour": 3})
        (0, 1)
        """
        return self.numbered(keys(candidates, time, context))

    def numbered(self, keys: Keys) -> int:
        """The same by a decision's `keys`."""
        found = next((self._numbers[key] for key in keys if key in self._numbers), self._next)
        self._next += found == self._next
        for key in keys:
            self._numbers.setdefault(key, found)
            self._numbers.move_to_end(key)
        while len(self._numbers) > self._kept:
            self._numbers.popitem(last=False)
        return found

    @property
    def count(self) -> int:
        """How many different ones were seen: the number that the next new one gets."""
        return self._next

    def new(self, candidates: Iterable[object], time: float, context: Mapping[str, Any]) -> bool:
        """Whether a decision is the first one seen of its observation."""
        before = self._next
        return self.number(candidates, time, context) == before


def keys(candidates: Iterable[object], time: float, context: Mapping[str, Any]) -> Keys:
    """What `Observations` knows a decision by; arguments as in `Observations.number`."""
    asked = hash(frozenset(map(str, candidates)))
    told = hash(json.dumps(context, sort_keys=True, default=str))
    return (asked, time, None), (asked, time // MOMENT, told)
