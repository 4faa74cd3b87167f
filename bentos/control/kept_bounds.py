"""Keeps beside the log which records can be meant, so that every reader leaves the others out."""

from __future__ import annotations

from bentos.home.state import Home, State
from models.serving.table_reach import BEYOND, TableReach, read_reach, widest
from monitoring.log import plausible
from monitoring.log.plausible import LogBounds

_Seen = tuple[frozenset[str], tuple[float, float] | None]


class KeptBounds:
    """Writes `bounds.json` of a home's log whenever other versions serve, or another range is declared."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: _Seen | None = None

    def keep(self, state: State | None) -> None:
        """Nothing is read while the state stays the same."""
        seen = None if state is None else (frozenset(state.versions.values()), state.outcomes)
        if seen is None or seen == self._seen:
            return
        versions, declared = seen
        reach = widest((read_reach(self._home.version(each)) for each in versions), declared)
        plausible.write(self._home.log, bounds_of(reach))
        self._seen = seen


def bounds_of(reach: TableReach) -> LogBounds:
    """What readers keep: a declared range as it is, one that labels tell with room for other measures.

    >>> bounds_of(TableReach(1e9, (0.0, 4.0)))
    LogBounds(first=1000000000.0, least=-4000.0, most=4000.0)
    """
    first = reach.first or 0.0
    if reach.outcomes is None:
        return LogBounds(first)
    least, most = reach.outcomes
    if reach.declared:
        return LogBounds(first, least, most)
    far = BEYOND * max(abs(least), abs(most))
    return LogBounds(first, -far, far)
