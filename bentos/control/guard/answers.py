"""What each answer tells by itself, at every look. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from bentos.control.guard.quantities import FALLBACK, NO_SCORES, SLOW, UNSOUND, Observed
from bentos.control.guard.record_head import RecordHead
from monitoring.guard.sanity import KINDS
from monitoring.metrics import kind_of

STOPPED = "stopped by the guard"
NO_VERSIONS_FAULT = ("catalogue unavailable", "scorer unavailable")
"""Kinds of fallback whose cause lies outside the versions."""


def observe(
    answers: Iterable[RecordHead], slow: float, new: Callable[[RecordHead], bool]
) -> tuple[dict[str, Observed], Observed]:
    """0 or 1 per answer: by version and quantity, and of what all versions share. `slow` is in seconds.

    Whether scores can be had and are sound depends on what was asked: it counts where `new` says that an
    answer is the first to so many viewers. How long an answer takes is its own.

    Answers in the fallback order because the guard had stopped their version are left out. Where an arm was
    not available, the answer counts for the champion, who gave it, as one without a fallback.
    """
    versions: dict[str, Observed] = defaultdict(lambda: {FALLBACK: [], UNSOUND: [], SLOW: []})
    shared: Observed = {NO_SCORES: []}
    for answer in answers:
        kind = kind_of(answer.fallback)
        if kind == STOPPED:
            continue
        shared[NO_SCORES].append(float(kind in NO_VERSIONS_FAULT))
        if kind in NO_VERSIONS_FAULT:
            continue
        own = versions[answer.version]
        if new(answer):
            own[UNSOUND].append(float(kind in KINDS))
            own[FALLBACK].append(float(kind == "scoring failed"))
        own[SLOW].append(float(answer.seconds > slow))
    return dict(versions), shared
