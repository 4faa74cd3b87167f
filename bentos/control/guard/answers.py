"""The seconds clock: what each answer tells by itself. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bentos.control.guard.quantities import FALLBACK, NO_SCORES, SLOW, UNSOUND, Observed
from bentos.control.guard.record_head import Seen
from monitoring.guard.sanity import KINDS
from monitoring.metrics import kind_of

STOPPED = "stopped by the guard"
ELSEWHERE = ("catalogue unavailable", "scorer unavailable")
"""Kinds of fallback that are no version's fault."""


def observe(answers: Iterable[Seen], slow: float) -> tuple[dict[str, Observed], Observed]:
    """0 or 1 per answer: by version and quantity, and of what all versions share. `slow` is in seconds.

    What the guard itself had made of an answer tells nothing, and an arm that was not served nothing against
    the champion who answered.
    """
    versions: dict[str, Observed] = defaultdict(lambda: {FALLBACK: [], UNSOUND: [], SLOW: []})
    shared: Observed = {NO_SCORES: []}
    for answer in answers:
        kind = kind_of(answer.fallback)
        if kind == STOPPED:
            continue
        shared[NO_SCORES].append(float(kind in ELSEWHERE))
        if kind in ELSEWHERE:
            continue
        own = versions[answer.version]
        own[UNSOUND].append(float(kind in KINDS))
        own[FALLBACK].append(float(kind == "scoring failed"))
        own[SLOW].append(float(answer.seconds > slow))
    return dict(versions), shared
