"""`/status`: what is promoted, what is serving, and what is wrong, for people and programs."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from bentos.home.state import Home, StateError, read_acks, read_state
from bentos.home.steward_report import LastWord, last_word
from bentos.settings import Settings
from bentos.worker.follower import Follower


def status(settings: Settings, follower: Follower | None) -> dict[str, Any]:
    """The whole status; `follower` is that of the worker that answers, where one does."""
    home = Home(settings.ranker_home)
    report: dict[str, Any] = {"ranker": settings.ranker_name, "runner": settings.runner}
    problems: list[str] = []
    try:
        state = read_state(home.state)
        workers = read_acks(home.acks)
    except StateError as error:
        state, workers = None, []
        problems.append(str(error))
    report["state"] = None if state is None else msgspec.to_builtins(state)
    report["workers"] = [msgspec.to_builtins(worker) for worker in workers]
    report["acknowledged"] = bool(
        state and workers and all(worker.epoch == state.epoch and not worker.problem for worker in workers)
    )
    problems += [f"worker {worker.pid}: {worker.problem}" for worker in workers if worker.problem]
    word = last_word(home, time.time())
    report["steward"] = _steward(word)
    report["stale"] = word.report is not None and word.report.stale
    if follower is not None:
        report |= _serving(follower)
    report["problems"] = [*problems, *word.problems]
    return report


def _steward(word: LastWord) -> dict[str, Any]:
    """The Steward's last word as /status has it, and whether it is recent enough to count on."""
    report = {} if word.report is None else msgspec.to_builtins(word.report)
    return report | {"problems": list(word.problems), "alive": word.alive}


def _serving(follower: Follower) -> dict[str, Any]:
    serving = follower.current
    if serving is None:
        return {"serving": None, "not_ready": follower.problem}
    return {
        "serving": {
            reference: {
                "model": version.name,
                "engine": version.engine.kind,
                "engine_reason": version.engine.reason,
            }
            for reference, version in serving.versions.items()
        },
        "catalogue": {
            "snapshot": serving.catalogue.snapshot,
            "items": serving.catalogue.size,
            "age_seconds": round(time.time() - serving.catalogue.created, 1),
        },
    }
