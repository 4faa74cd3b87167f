"""Recent decisions that are too few: no evidence for a version, and none against it.

A log that has just begun, or one `curl`, says nothing about a version that its own windows have judged
already. A check that can't be made on so few passes, and says so. Other windows are owed: where those are
too small, the version is held.
"""

from __future__ import annotations

from models.gate.stats import GateEstimate
from models.gate.verdict import Check, Result
from models.gate.window import RequestWindow

REQUESTS = "different requests"
LEAST = 30  # different requests, or rows of a two-class ranker: an interval from fewer says little


def too_few(name: str, window: RequestWindow, found: int, what: str, needed: int = LEAST) -> Check | None:
    """The check `name` where `window` is of recent decisions, of fewer than `needed` `what`; else None."""
    if not window.as_asked or found >= needed:
        return None
    sentence = f"{window.source} have {found:,} {what}, too few to compare: {needed} would be evidence"
    return Check(name, Result.PASS, sentence, found, needed, "too few are no evidence", what)


def unsure(window: RequestWindow, found: GateEstimate, usual: float) -> bool:
    """Whether recent decisions leave open which side of 0 a figure is on, and half of its `usual` value too.

    `usual` is what the version has on its own window. Few requests have a wide interval, which holds nobody;
    where it lies so low that half of the usual can't be meant, something has changed.
    """
    return window.as_asked and found.low <= 0 <= found.high and found.high >= usual / 2 > 0


def undecided(name: str, window: RequestWindow, found: GateEstimate, what: str, source: str) -> Check:
    """The check of a figure that `unsure` says is open."""
    sentence = f"{found.n:,} of {window.source} with outcomes don't tell yet: {what} {found}"
    return Check(name, Result.PASS, sentence, found.value, 0.0, source)
