"""What the guard stopped, a file each: it stays stopped until a person clears it, whatever is restarted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from bentos.home.journal import Event, append
from bentos.home.lock import exclusive
from bentos.home.state import Home, StateError, write_atomically
from bentos.home.steward_report import StopReport
from monitoring.dates import to_minute

Kind = Literal["version", "snapshot", "shared", "files", "outcomes"]


class StopError(StateError):
    """A stop that can't be cleared; the message says why."""


class Cleared(msgspec.Struct, frozen=True):
    """A person's decision that what was stopped may serve again; `time` in unix seconds."""

    by: str
    reason: str
    time: float


class Stop(msgspec.Struct, frozen=True):
    """Why `subject` (a version's number, a snapshot's id, or a quantity that all versions share) stays out.

    A shared fault stops nothing. It is on record so that the guard does not act on it again, and so that a
    person looks at it. Nor do damaged `files` of a version, while workers have in memory what they proved;
    once one of them must load the version, it becomes a stop of the version. `told` says whether MLflow has
    it; `time` is in unix seconds. `against` is the version that its order was compared with, where it was
    stopped for that. `since` is when what it rests on began (event time, unix seconds; 0: not known); of a
    shared fault, `answers` is how many were put in order by a version since then.
    """

    kind: Kind
    subject: str
    quantity: str
    evidence: str
    done: str
    time: float
    told: bool = False
    cleared: Cleared | None = None
    against: str = ""
    since: float = 0.0
    answers: int = 0

    @property
    def affects(self) -> str:
        """How far a fault goes that is only said; empty where nothing is known of it."""
        if not self.since or self.kind != "shared":
            return ""
        began = to_minute(self.since)
        return f"up to {self.answers:,} answers since {began} may be in another order"

    @property
    def why(self) -> str:
        """In one line, for the state and the records."""
        named = self.evidence.startswith(self.quantity)
        return self.evidence if named or self.kind == "shared" else f"{self.quantity}: {self.evidence}"

    def report(self) -> StopReport:
        """For steward.json."""
        return msgspec.convert(
            msgspec.to_builtins(self) | {"why": self.why, "affects": self.affects}, StopReport
        )


@dataclass(frozen=True)
class Stops:
    """All stops of one ranker, in `guard/stops/`."""

    folder: Path

    @classmethod
    def of(cls, home: Home) -> Stops:
        """The stops below a ranker's home."""
        return cls(home.guard / "stops")

    def all(self) -> list[Stop]:
        """Every stop, cleared ones too, oldest first. Raises StateError for a file that is none."""
        return sorted((self._read(path) for path in self.folder.glob("*.json")), key=lambda each: each.time)

    def active(self, kind: Kind) -> dict[str, Stop]:
        """What nobody has cleared, by subject."""
        return {each.subject: each for each in self.all() if each.kind == kind and each.cleared is None}

    def get(self, subject: str) -> Stop | None:
        """The stop of a subject, cleared or not."""
        return next((each for each in self.all() if each.subject == subject), None)

    def word_on(self, quantity: str, subject: str, against: str) -> str:
        """Who has cleared a subject that was stopped for a quantity, against another; "" where nobody has."""
        stop = self.get(subject)
        if stop is None or (stop.quantity, stop.against) != (quantity, against) or stop.cleared is None:
            return ""
        return f"{stop.cleared.by} has cleared it: {stop.cleared.reason}"

    def put(self, stop: Stop) -> None:
        """Write a stop, replacing the subject's earlier one."""
        content = msgspec.json.format(msgspec.json.encode(stop), indent=1)
        write_atomically(self._path(stop.subject), content)

    def amend(self, stop: Stop, **fields: Any) -> None:
        """Change fields of a stop on record, as long as it is that one and not cleared meanwhile."""
        with exclusive(self.folder):
            now = self.get(stop.subject)
            if now is not None and (now.time, now.cleared) == (stop.time, stop.cleared):
                self.put(msgspec.structs.replace(now, **fields))

    def drop(self, subject: str) -> None:
        """Forget a stop that was no fault of its subject, or whose subject is gone."""
        self._path(subject).unlink(missing_ok=True)

    def _path(self, subject: str) -> Path:
        return self.folder / f"{subject.replace(' ', '-')}.json"

    def _read(self, path: Path) -> Stop:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Stop)
        except msgspec.MsgspecError as error:
            raise StateError(f"{path}: is no stop of the guard: {error}") from error


def clear(home: Home, subject: str, by: str, reason: str) -> Stop:
    """Let what the guard stopped serve again, in a person's name and for a reason; on record.

    Raises StopError for an empty name or reason, and for a subject that is not stopped.
    """
    if not by.strip() or not reason.strip():
        raise StopError("guard clear: it needs the name of who answers for it (--by), and a reason (--why)")
    stops = Stops.of(home)
    with exclusive(stops.folder):
        stop = stops.get(subject)
        if stop is None or stop.cleared is not None:
            known = ", ".join(each.subject for each in stops.all() if each.cleared is None)
            raise StopError(f"guard clear: {subject!r} is not stopped; stopped: {known or 'nothing'}")
        cleared = msgspec.structs.replace(stop, cleared=Cleared(by, reason, time.time()), told=False)
        (home.guard / "evidence" / f"{subject}.json").unlink(missing_ok=True)
        stops.put(cleared)
    facts = {"subject": subject, "kind": stop.kind, "quantity": stop.quantity}
    append(home, Event.GUARD_CLEARED, f"{by}: {reason}", time.time(), facts)
    return cleared
