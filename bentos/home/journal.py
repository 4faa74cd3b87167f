"""What the Steward did and why: every decision appended to a log, the present in one report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bentos.home.state import Home, write_atomically

HEARTBEAT = 2.0  # seconds between two reports of an unchanged present; /status calls one of 15 s dead


class Journal:
    """Appends decisions to `log/steward.jsonl` and replaces `steward.json`."""

    def __init__(self, home: Home, clock: Callable[[], float] = time.time) -> None:
        self._decisions = journal_path(home)
        self._report = home.steward
        self._clock = clock
        self._reported: tuple[float, bytes] = (0.0, b"")

    def decided(self, event: str, why: str, **facts: Any) -> None:
        """Append one decision: one line, one write."""
        append(self._decisions, event, why, self._clock(), facts)

    def report(self, present: Mapping[str, Any]) -> None:
        """Replace `steward.json`, at once when something changed and every two seconds otherwise."""
        now, content = self._clock(), json.dumps(present, default=str).encode()
        last, reported = self._reported
        if content == reported and 0 <= now - last < HEARTBEAT:
            return
        write_atomically(self._report, json.dumps({"time": now, **present}, indent=1, default=str).encode())
        self._reported = (now, content)


def journal_path(home: Home) -> Path:
    """The file of decisions."""
    return home.log / "steward.jsonl"


def append(path: Path, event: str, why: str, now: float, facts: Mapping[str, Any]) -> None:
    """Append one decision, from the Steward or from a command; an append is one write, lines stay whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"time": now, "event": event, "why": why, **facts}, default=str)
    with path.open("ab", buffering=0) as file:
        file.write(line.encode() + b"\n")


def decisions(home: Home) -> Iterator[dict[str, Any]]:
    """Every decision, oldest first; none before the first."""
    try:
        with journal_path(home).open(encoding="utf-8") as file:
            yield from map(json.loads, file)
    except FileNotFoundError:
        return
