"""What outcomes tell of the versions: explored decisions wait here until their outcomes are known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bentos.control.guard.outcomes import PendingDecisions, event_time, observe
from bentos.control.guard.quantities import Observed
from bentos.control.guard.recall import Recall
from bentos.control.guard.record_head import RecordHead, whole
from bentos.control.guard.watched_version import WatchedVersion
from bentos.home import evidence as evidence_files
from bentos.home.state import FileWatch, Home
from monitoring.log import struck
from monitoring.log.observations import Observations
from monitoring.log.record import Outcome, decode_outcome
from monitoring.log.tail import LogTail


class MaturedOutcomes:
    """Reads outcomes from the log as they come, and holds them against the decisions that wait for them."""

    def __init__(self, home: Home, ranker: str) -> None:
        self.pending = PendingDecisions(0.0)
        self._home = home
        self._told = LogTail(home.log / "outcomes", decode_outcome)
        self._new: list[Outcome] = []  # read, and not held against decisions yet
        self._all_read = True  # at this look
        self._recall = Recall(home, ranker)
        self._recalled: set[str] = set()
        self._seen: dict[str, Observations] = defaultdict(Observations)
        self._struck = FileWatch(struck.path(home.log))
        self._windows: tuple[struck.StruckWindow, ...] = ()
        self.made: float | None = None
        """When the earliest decision was made whose outcomes were observed last (event time, unix s)."""

    def watch(self, watched: WatchedVersion) -> None:
        """Wait as long as this version's outcomes take, also for what was decided before a restart.

        Decisions are recalled once a version, and only where evidence was saved of it: they begin where the
        evidence ends.
        """
        self.pending.delay = max(self.pending.delay, watched.delay)
        known, until = evidence_files.counted(self._home, watched.version, watched.package)
        if known and watched.version not in self._recalled:
            self._recall.begin(watched.version, until)
        self._recalled.add(watched.version)

    def struck(self) -> bool:
        """Whether a window was struck or restored since the last look; True at first, where there are any."""
        if not self._struck.changed():
            return False
        before, self._windows = self._windows, struck.read(self._home.log)
        return before != self._windows

    def begin_anew(self, versions: Iterable[str]) -> None:
        """Count all outcomes of the log again, but for what was struck."""
        self.pending = PendingDecisions(self.pending.delay)
        self._seen.clear()
        for version in versions:
            self._recall.begin(version, None)
            self._recalled.add(version)

    @property
    def failing(self) -> list[str]:
        """What does not work of it, as sentences."""
        return self._recall.failing

    def read(self) -> None:
        """Read what has been told by now, before the decisions of a look are read.

        So an outcome that is read has its decision among those, however soon it was told.
        """
        self._all_read = not self._recall.reading  # else they stay unread: they may be of what is recalled
        if self._all_read:
            self._new += self._told.new()

    def observe(
        self, heads: Sequence[RecordHead], versions: Mapping[str, WatchedVersion]
    ) -> dict[str, Observed]:
        """Observations by version, of the decisions whose outcomes are now known; `heads` are new records."""
        for decision in whole(each for each in heads if each.explored and each.fallback is None):
            if not struck.strikes(self._windows, decision.time):
                self.pending.add(decision)
        for found in self._recall.done():
            self.pending.add_recalled(found)
        if not self._all_read:
            return {}
        for outcome in self._new:
            if not struck.strikes(self._windows, outcome.time):
                self.pending.take(outcome)
        self._new.clear()
        matured = self.pending.pop_matured(event_time(each.time for each in heads))
        self.made = min((each.time for each in matured), default=None)
        observed: dict[str, Observed] = {}
        for version, watched in versions.items():
            own = [each for each in matured if each.version == version]
            if own:
                observed[version] = observe(own, watched.probabilities, self._seen[version])
        return observed
