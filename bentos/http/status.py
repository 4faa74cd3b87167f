"""`/status`: what is promoted, what is serving, and what is wrong, for people and programs."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import orjson

from bentos.home.state import Home, StateError, read_acks, read_state
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
    report["steward"] = steward(home)
    report["stale"] = bool((report["steward"].get("shared") or {}).get("stale"))
    if follower is not None:
        report |= _serving(follower)
    report["problems"] = problems + report["steward"].get("problems", [])
    return report


def steward(home: Home) -> dict[str, Any]:
    """The Steward's last word, and whether it is recent enough to count on."""
    try:
        found: dict[str, Any] = orjson.loads(home.steward.read_bytes())
    except FileNotFoundError:
        return {"alive": False, "problems": ["the Steward has not run yet"]}
    except orjson.JSONDecodeError as error:
        return {"alive": False, "problems": [f"{home.steward}: not JSON: {error}"]}
    age = time.time() - float(found.get("time", 0))
    found["alive"] = age < 15
    if not found["alive"]:
        found["problems"] = [
            f"the Steward was last seen {age:.0f} s ago: promotions wait",
            *found.get("problems", []),
        ]
    return found


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
