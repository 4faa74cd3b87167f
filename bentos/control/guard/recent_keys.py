"""Which keys are new among those that came last: what has been looked at once is not looked at again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class RecentKeys:
    """Remembers the `kept` keys that were new last, and forgets those that came first."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._seen: OrderedDict[Hashable, None] = OrderedDict()

    def new(self, key: Hashable) -> bool:
        """Whether a key is none of those remembered; it is from then on.

        >>> recent = RecentKeys(2)
        >>> [recent.new(key) for key in ("a", "a", "b", "c", "a")]
        [True, False, True, True, True]
        """
        if key in self._seen:
            return False
        self._seen[key] = None
        while len(self._seen) > self._kept:
            self._seen.popitem(last=False)
        return True
