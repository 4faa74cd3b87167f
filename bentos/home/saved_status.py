"""What the files of a home say: what is promoted, what the workers serve, and what is wrong.

This module imports nothing slow: `ballast status` is this and no more.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec

from bentos.home import workers
from bentos.home.state import Home, StateError, read_state
from bentos.home.steward_report import LastWord, last_word
from bentos.settings import Settings
from monitoring.log.room import why_no_room
from monitoring.log.sums import trouble

SHOWN = 3  # damaged files that are named


def saved_status(settings: Settings) -> dict[str, Any]:
    """The status as every process of this host knows it; `problems` are sentences."""
    home = Home(settings.ranker_home)
    report: dict[str, Any] = {"ranker": settings.ranker_name, "runner": settings.runner}
    problems: list[str] = []
    try:
        state = read_state(home.state)
        living = workers.living(home, time.time())
    except StateError as error:
        state, living = None, []
        problems.append(str(error))
    report["state"] = None if state is None else msgspec.to_builtins(state)
    acks = [worker.ack for worker in living]
    report["workers"] = [msgspec.to_builtins(ack) for ack in acks]
    report["acknowledged"] = bool(
        state
        and workers.complete(living)
        and all(ack.epoch == state.epoch and not ack.problem for ack in acks)
    )
    no_room = why_no_room(home.log / "decisions")
    problems += [*([no_room] if no_room else []), *damaged(home.log), *workers.problems(living)]
    problems += [f"worker {ack.pid}: {ack.problem}" for ack in acks if ack.problem]
    word = last_word(home, time.time())
    report["steward"] = _steward(word)
    report["stale"] = word.report is not None and word.report.stale
    report["problems"] = [*problems, *word.problems]
    return report


def damaged(log: Path) -> list[str]:
    """What of the log does not hold what it held: a sentence for some of the files, and what to do."""
    found = trouble(log)
    more = f" (and {len(found) - SHOWN:,} more files)" if len(found) > SHOWN else ""
    mend = "`ballast log check` reads all of them and says what to do"
    return [f"the log is damaged: {'; '.join(map(str, found[:SHOWN]))}{more}: {mend}"] if found else []


def _steward(word: LastWord) -> dict[str, Any]:
    """The Steward's last word as /status has it, and whether it is recent enough to count on."""
    report = {} if word.report is None else msgspec.to_builtins(word.report)
    return report | {"problems": list(word.problems), "alive": word.alive}
