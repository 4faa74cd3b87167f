"""The journal, `log/steward.jsonl`: every decision of the Steward and every act of a person, a line each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from os import SEEK_END
from pathlib import Path
from typing import Any

from bentos.home.state import Home

TAIL = 65_536  # bytes of the journal that its latest lines are looked for in


class Event(StrEnum):
    """What a line is about: its field `event`, as it is written."""

    # versions
    ASKED = "asked"  # a person moved an alias
    LEVELLED = "levelled"  # MLflow was told of a rollback that was made without it
    VERDICT = "verdict"  # the gate judged a version
    OVERRIDE = "override"  # a person lets a version serve that did not pass
    OVERRIDE_WITHDRAWN = "override withdrawn"
    PROMOTED = "promoted"  # a reference of the state names another version
    WITHDRAWN = "withdrawn"  # a reference is gone from the state

    # other parts of the state, each named as its field is
    EXPERIMENTS = "experiments"
    SNAPSHOT = "snapshot"
    CORRECTIONS = "corrections"

    STATE_RESTORED = "state restored"  # its file was damaged or gone: the last good one is there again

    # live.yaml
    EXPERIMENTS_APPLIED = "experiments applied"  # a person changed the file through Ballast
    EXPERIMENTS_REFUSED = "experiments refused"  # the file does not hold
    EXPERIMENT_STOPPED = "experiment stopped"  # a person threw the kill switch
    EXPERIMENT_STARTED = "experiment started"  # a person took it back

    # rollouts
    ROLLOUT_BEGINS = "rollout begins"
    ROLLOUT_STEP = "rollout step"
    ROLLOUT_HOLD = "rollout hold"  # it is to wait, and was not before
    ROLLOUT_STOP = "rollout stop"  # it is to stop, and has been stopped
    ROLLOUT_STOPPED = "rollout stopped"
    ROLLOUT_RESUMED = "rollout resumed"  # a person lets it go on

    # corrections of probabilities
    CORRECTION_PASSED = "correction passed"
    CORRECTION_REFUSED = "correction refused"
    CORRECTION_DROPPED = "correction dropped"  # a person took one back

    # the guard
    GUARD_STOPPED = "guard stopped"
    GUARD_CLEARED = "guard cleared"  # a person lets what it stopped serve again
    FILES_DAMAGED = "files damaged"  # on disk; what workers have in memory serves on
    FILES_MENDED = "files mended"
    SHARED_FAULT = "shared fault"  # a fault of all versions

    # closed days
    DRIFT_BEGINS = "drift begins"
    DRIFT_ENDS = "drift ends"

    # processes
    REPLACED = "replaced"  # a worker gave no sign of life, and was killed

    OUTCOMES_SUSPECTED = "outcomes suspected"  # the guard trusts the versions more than what came of answers
    EVIDENCE_STRUCK = "evidence struck"  # a person says that a window of the log is no evidence
    LOSS_ACCEPTED = "loss accepted"  # a person says that what is damaged of the log stays lost
    EVIDENCE_RESTORED = "evidence restored"  # a person says that it is again

    # what the Steward depends on
    REGISTRY_REACHABLE = "registry reachable"
    REGISTRY_UNREACHABLE = "registry unreachable"
    REDIS_REACHABLE = "redis reachable"
    REDIS_UNREACHABLE = "redis unreachable"
    FOLLOWED = "followed"  # this host took up what the leading Steward published


class Journal:
    """The journal of one ranker, as the Steward writes it: with the time of its `clock`, unix seconds."""

    def __init__(self, home: Home, clock: Callable[[], float] = time.time) -> None:
        self._home = home
        self._clock = clock

    def decided(self, event: Event, why: str, **facts: Any) -> None:
        """Append one decision."""
        append(self._home, event, why, self._clock(), facts)

    def replaced(self, why: str) -> None:
        """Append that a process gave no sign of life, and was killed."""
        self.decided(Event.REPLACED, why)


def journal_path(home: Home) -> Path:
    """The file of the journal."""
    return home.log / "steward.jsonl"


def append(home: Home, event: Event, why: str, now: float, facts: Mapping[str, Any]) -> None:
    """Append one line, from the Steward or from a command. It is one write, so that lines stay whole."""
    path = journal_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"time": now, "event": event, "why": why, **facts}, default=str)
    with path.open("ab", buffering=0) as file:
        file.write(line.encode() + b"\n")


def decisions(home: Home) -> Iterator[dict[str, Any]]:
    """Every line, oldest first; none before the first."""
    try:
        with journal_path(home).open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except FileNotFoundError:
        return


def latest_decisions(home: Home, most: int) -> list[dict[str, Any]]:
    """The last lines, newest first: at most `most`, and of the last `TAIL` bytes; the rest is not read."""
    try:
        with journal_path(home).open("rb") as file:
            begin = max(0, file.seek(0, SEEK_END) - TAIL)
            file.seek(begin)
            lines = file.read().split(b"\n")[1 if begin else 0 :]
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines if line][: -most - 1 : -1]
