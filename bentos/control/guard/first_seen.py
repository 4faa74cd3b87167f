"""Which answers of a version tell something new: fifty viewers of one list at one moment tell it once."""

from __future__ import annotations

from collections import defaultdict

from bentos.control.guard.record_head import RecordHead
from monitoring.log.observations import Observations
from monitoring.log.record import Decision

WITHIN = 60.0  # seconds after which what fails still, fails anew


class FirstSeen:
    """Tells the first of several answers that are one observation, by version."""

    def __init__(self) -> None:
        self._seen: dict[str, Observations] = defaultdict(Observations)

    def new(self, version: str, decision: Decision) -> bool:
        """Whether it is the first answer of its observation by this version."""
        return self._seen[version].new(decision.candidates, decision.time, decision.context)


class FirstOfMinute:
    """The same of record heads, within a minute of the server's clock.

    A list that fails for a minute fails anew in the next, so that one request that is sent all the time
    tells of a fault too. Candidates are compared by their text, since most records are never decoded whole.
    """

    def __init__(self) -> None:
        self._minute = -1.0
        self._seen: dict[str, Observations] = {}

    def new(self, head: RecordHead) -> bool:
        """Whether it is the first answer of its observation by this version in this minute."""
        minute = head.received // WITHIN
        if minute != self._minute:
            self._minute, self._seen = minute, {}
        seen = self._seen.setdefault(head.version, Observations())
        return seen.new([hash((bytes(head.candidates), head.digest))], head.time, head.context)
