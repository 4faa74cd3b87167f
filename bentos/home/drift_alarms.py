"""`drift/`: what closed days were found to be: sketches by day, and `alarms.json`, the worst alarm first.

This module imports nothing slow: the Steward's loop reads it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bentos.home.state import FileWatch, Home, write_atomically

MOST_SAID = 5  # alarms that /status has as sentences; alarms.json has all


class DriftAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """One column that left its limit. `against` is training or before; `day` the last closed one (UTC).

    `cost` orders alarms: the distance times `importance`, the share (0 to 1) that the column has of how the
    model's prediction changes; the score has all of it. `since` is the day of the first alarm in a row.
    """

    kind: str
    column: str
    version: str
    against: str
    day: str
    distance: float
    limit: float
    since: str
    cost: float
    sentence: str
    importance: float = 1.0


class DriftLook(msgspec.Struct, frozen=True, kw_only=True):
    """`alarms.json`: the alarms, why others can't be said, and when (unix s) which day was looked at."""

    alarms: tuple[DriftAlarm, ...] = ()
    said: tuple[str, ...] = ()
    checked: float = 0.0
    day: str = ""


def drift_folder(home: Home) -> Path:
    """Where they lie."""
    return home.folder / "drift"


def read_look(home: Home) -> DriftLook:
    """The last look; an empty one before the first, or where the file is damaged: the next look mends it."""
    try:
        return msgspec.json.decode((drift_folder(home) / "alarms.json").read_bytes(), type=DriftLook)
    except (FileNotFoundError, msgspec.DecodeError):
        return DriftLook()


def write_look(home: Home, look: DriftLook) -> None:
    """Replace the last look in one step."""
    write_atomically(drift_folder(home) / "alarms.json", msgspec.json.encode(look))


class DriftProblems:
    """The alarms as sentences for `/status`, read again when they have changed."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._watch = FileWatch(drift_folder(home) / "alarms.json")
        self._said: list[str] = []

    def problems(self) -> list[str]:
        """At most `MOST_SAID`, the worst first, and how many more there are."""
        if self._watch.changed():
            alarms = read_look(self._home).alarms
            more = len(alarms) - MOST_SAID
            self._said = [each.sentence for each in alarms[:MOST_SAID]]
            self._said += [f"drift: {more} more alarms; see `ballast drift --live`"] if more > 0 else []
        return self._said
