"""Request ids that were used again for something else: each was answered, and only the last one counts.

`/rank` looks nothing up, so that a client which gives two requests one id is answered twice. It is counted
here, off the path: a repeat of the same request is a retry, and no mistake.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable

from bentos.control.guard.record_head import RecordHead
from bentos.home.steward_report import RepeatsReport
from monitoring.log.scan import id_hash

KEPT = 100_000  # ids that are remembered: 10 MB
LATELY = 3600.0  # seconds that a repeat is spoken of


class RepeatedIds:
    """Counts them among the ids that came last. `clock` gives unix seconds."""

    def __init__(self, clock: Callable[[], float], kept: int = KEPT) -> None:
        self._clock, self._kept = clock, kept
        self._asked: OrderedDict[int, int] = OrderedDict()
        self._lately: deque[tuple[float, int]] = deque(maxlen=10_000)
        self._total, self._example = 0, ""

    def take(self, heads: Iterable[RecordHead]) -> None:
        """Take a look's new records."""
        found = sum(self._repeats(head) for head in heads)
        if found:
            self._total += found
            self._lately.append((self._clock(), found))

    def report(self) -> RepeatsReport:
        """How many there were since the Steward began, how many of the last hour, and one of them."""
        since = self._clock() - LATELY
        while self._lately and self._lately[0][0] < since:
            self._lately.popleft()
        return RepeatsReport(self._total, sum(count for _, count in self._lately), self._example)

    def problems(self) -> list[str]:
        """A sentence while there were some within the hour."""
        found = self.report()
        if not found.lately:
            return []
        return [
            f"{found.lately:,} requests of the last hour had a request_id that another one had, such as "
            f"{found.example!r}: all were answered, analyses count the last of each: give each request an id "
            "of its own"
        ]

    def _repeats(self, head: RecordHead) -> bool:
        key = id_hash(head.request_id)
        asked = hash((head.unit, bytes(head.attributes), *_candidates(head), *sorted(_context(head))))
        before = self._asked.pop(key, asked)
        self._asked[key] = asked
        if len(self._asked) > self._kept:
            self._asked.popitem(last=False)
        if before != asked:
            self._example = head.request_id
        return before != asked


def _candidates(head: RecordHead) -> tuple[bytes, str | None]:
    """What tells the candidates apart; a reduced record has a digest of all."""
    return (b"" if head.digest else bytes(head.candidates), head.digest)


def _context(head: RecordHead) -> Iterable[tuple[str, str]]:
    return ((name, repr(value)) for name, value in head.context.items())
