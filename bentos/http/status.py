"""`/status`: what is promoted, what is serving, and what is wrong, for people and programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bentos.home.saved_status import saved_status
from bentos.settings import Settings
from bentos.worker.follower import Follower


def status(
    settings: Settings, follower: Follower, why_no_log: Callable[[], str | None] = lambda: None
) -> dict[str, Any]:
    """What the files of the home say, and what the worker that answers serves by `follower`.

    `why_no_log` says why that one can't write its log, where it can't.
    """
    report = saved_status(settings)
    own = why_no_log()
    problems = report.pop("problems")
    problems = problems if own is None or own in problems else [own, *problems]
    return report | _serving(follower) | {"problems": problems}


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
