"""`steward.json`: what the Steward says of itself, written by its control loop, read by /status and commands.

This module imports nothing slow: `ballast status` reads it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from bentos.home.live_processes import process_started, process_state
from bentos.home.state import Home, StateError, write_atomically

HEARTBEAT = 2.0  # seconds between two reports in which nothing changed
SILENT = 15.0  # seconds without a report after which a Steward whose process lives counts as dead


class RegistryReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether MLflow answers, since when (unix seconds; 0: it was never asked), and what it said if not."""

    uri: str
    reachable: bool
    since: float
    error: str | None = None


class FileProblem(msgspec.Struct, frozen=True):
    """One thing that is wrong with live.yaml: where, what stands there, and the rule it breaks."""

    line: int
    path: str
    value: str
    rule: str


class ExperimentsReport(msgspec.Struct, frozen=True):
    """live.yaml: its path, digest of the last good one ("" before the first), what is wrong with it now."""

    file: str = ""
    digest: str = ""
    problems: tuple[FileProblem, ...] = ()


class RolloutStep(msgspec.Struct, frozen=True):
    """From `at` (unix seconds) on, `share` of the traffic was open, for `reason`."""

    at: float
    share: float
    reason: str


class RolloutHalt(msgspec.Struct, frozen=True):
    """When (unix seconds) and why a rollout was stopped by itself."""

    at: float
    reason: str


class RolloutReport(msgspec.Struct, frozen=True, kw_only=True):
    """How far a rollout has come, and what was decided last: `action` is hold, step or stop."""

    digest: str
    since: float
    steps: tuple[RolloutStep, ...]
    stopped: RolloutHalt | None = None
    action: str
    reason: str


class StopReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the guard stopped, as `bentos.home.stops.Stop` has it, with its sentences."""

    kind: str
    subject: str
    quantity: str
    evidence: str
    done: str
    time: float
    told: bool = False
    cleared: dict[str, Any] | None = None
    why: str
    since: float = 0.0
    answers: int = 0
    affects: str = ""


class GuardFailure(msgspec.Struct, frozen=True):
    """A part of the guard does not do its work: why, and since when (unix seconds)."""

    why: str
    since: float


class RepeatsReport(msgspec.Struct, frozen=True):
    """How often an id was used for another request: since the Steward began, lately, and one such id."""

    total: int = 0
    lately: int = 0
    example: str = ""


class HostReport(msgspec.Struct, frozen=True):
    """This host's part among those that share a state in Redis: it `leads`, `follows` or `waits`.

    `holder` is who leads; `reachable` whether Redis answers, `since` (unix seconds) when that changed last.
    `stale`: what is served here may not be what is promoted.
    """

    role: str
    holder: str | None
    reachable: bool
    since: float
    stale: bool


class FailedCheck(msgspec.Struct, frozen=True):
    """A check of the gate that did not pass: `outcome` is hold or reject."""

    name: str
    outcome: str
    sentence: str
    figure: float | None = None
    limit: float | None = None
    source: str = ""
    unit: str = ""


class OverrideReport(msgspec.Struct, frozen=True):
    """Who lets a version serve that did not pass, why, and from when until when (unix seconds)."""

    by: str
    reason: str
    made: float
    until: float


class RulingReport(msgspec.Struct, frozen=True, omit_defaults=True):
    """The gate's ruling on a version: pass, hold or reject, against which champion, and what did not pass.

    `time` is when it was made (unix seconds), `seconds` how long that took.
    """

    outcome: str
    reasons: str
    time: float
    seconds: float
    against: str | None
    failed: tuple[FailedCheck, ...]
    override: OverrideReport | None = None


class CorrectionReport(msgspec.Struct, frozen=True):
    """Digests of the correction that a version serves with, and of its last one; what the last refit gave."""

    serving: str | None
    last: str | None
    said: str


class StewardReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it. `time` (unix seconds) is when it was written; `shared` is None on a single host.

    `started` is the start of the process `pid` in clock ticks since boot (0: not known), which tells it from
    a later one of the same number.

    `aliases` are those of the registry, by alias; `rollouts` by experiment; `guard` by what is stopped;
    `guard_failures` by the part of the guard that fails;
    `repeats` are request ids that were used twice; `rulings` and `corrections` by version; `examining`
    are the versions that the gate is judging.
    """

    time: float = 0.0
    pid: int = 0
    started: int = 0
    registry: RegistryReport | None = None
    aliases: dict[str, str] = {}
    experiments: ExperimentsReport = ExperimentsReport()
    rollouts: dict[str, RolloutReport] = {}
    guard: dict[str, StopReport] = {}
    guard_failures: dict[str, GuardFailure] = {}
    repeats: RepeatsReport = RepeatsReport()
    shared: HostReport | None = None
    rulings: dict[str, RulingReport] = {}
    examining: tuple[str, ...] = ()
    corrections: dict[str, CorrectionReport] = {}
    problems: tuple[str, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether what is served here may not be what is promoted."""
        return self.shared is not None and self.shared.stale

    @property
    def of_answers(self) -> tuple[str, ...]:
        """What clients should know: faults of all versions that may put answers into another order."""
        return tuple(f"{each.subject}: {each.affects}" for each in self.guard.values() if each.affects)

    @property
    def ended(self) -> bool:
        """Whether the process that wrote it is gone."""
        return self.started != 0 and process_started(self.pid) != self.started


class ReportWriter:
    """Replaces `steward.json`; `clock` gives unix seconds."""

    def __init__(self, home: Home, clock: Callable[[], float] = time.time) -> None:
        self._file = home.steward
        self._clock = clock
        self._written = 0.0
        self._said = b""

    def write(self, report: StewardReport) -> None:
        """At once when something changed, and every two seconds otherwise. Sets the report's `time`."""
        now, said = self._clock(), msgspec.json.encode(report)
        if said == self._said and 0 <= now - self._written < HEARTBEAT:
            return
        stamped = msgspec.json.encode(msgspec.structs.replace(report, time=now))
        write_atomically(self._file, msgspec.json.format(stamped, indent=1))
        self._written, self._said = now, said


@dataclass(frozen=True)
class LastWord:
    """The Steward's last report (None: there is none, or it can't be read) and what follows from its age.

    `problems` are sentences: the report's own, and that the Steward is silent where it is.
    """

    report: StewardReport | None
    alive: bool
    problems: tuple[str, ...]


def last_word(home: Home, now: float) -> LastWord:
    """What is known of the Steward at `now` (unix seconds)."""
    try:
        report = read_report(home)
    except StateError as error:
        return LastWord(None, False, (str(error),))
    if report is None:
        return LastWord(None, False, ("the Steward has not run yet",))
    age = now - report.time
    if report.ended:
        gone = f"the Steward has ended (pid {report.pid}, last seen {age:.0f} s ago): promotions wait"
        return LastWord(report, False, (gone, *report.problems))
    if report.started and process_state(report.pid) in {"T", "t"}:
        stopped = f"the Steward is stopped (SIGSTOP, pid {report.pid}): promotions wait until it is replaced"
        return LastWord(report, False, (stopped, *report.problems))
    if age < SILENT:
        return LastWord(report, True, report.problems)
    silent = f"the Steward was last seen {age:.0f} s ago: promotions wait"
    return LastWord(report, False, (silent, *report.problems))


def read_report(home: Home) -> StewardReport | None:
    """The report on disk; None where no Steward has run yet. Raises StateError for a file that is none."""
    try:
        return msgspec.json.decode(home.steward.read_bytes(), type=StewardReport)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise StateError(f"{home.steward}: is no report of the Steward: {error}") from error
