"""Which outcomes a verdict does not rest on: those that a person has struck, or that the guard suspects."""

from __future__ import annotations

from datetime import UTC, datetime

from models.gate.subject import Subject
from monitoring.log.struck import StruckWindow


def left_out(subject: Subject) -> tuple[str, ...]:
    """A sentence for each window in which recent decisions have outcomes that are no evidence."""
    recent = subject.recent
    return () if recent is None else tuple(_said(window, count) for window, count in recent.left_out.items())


def _said(window: StruckWindow, count: int) -> str:
    end = "on" if window.until is None else f"to {_day(window.until)}"
    head = f"{count:,} outcomes of recent decisions are left out, from {_day(window.since)} {end}"
    if window.suspected:
        return (
            f"{head}: the guard suspects them, and nobody has decided yet (`ballast evidence strike`, or "
            "`ballast guard clear outcomes`)"
        )
    return f"{head}: struck by {window.by}, {window.why}"


def _day(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M} UTC"
