"""Windows of the log that are no evidence: struck by a person, or suspected by the guard; `struck.json`.

What was decided in a struck window, and outcomes that came in it, count for nothing: `window` leaves them
out, and so do the guard and the gate. Outcomes of a suspected window are left out by the gate alone, until a
person has said whose fault it is. Times are event times, unix seconds; windows are half open.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from monitoring.errors import UserError


class StruckError(UserError, ValueError):
    """A window that can't be struck or taken back, or a file that holds none: a sentence."""


class StruckWindow(msgspec.Struct, frozen=True):
    """From `since` until before `until` (None: without an end); why, by whom, and when that was said."""

    since: float
    until: float | None
    why: str
    by: str
    made: float
    suspected: bool = False

    def holds(self, time: float) -> bool:
        """Whether a time lies in it."""
        return self.since <= time and (self.until is None or time < self.until)


def path(root: Path) -> Path:
    """The file of a log's struck windows."""
    return root / "struck.json"


def read(root: Path, suspected: bool = False) -> tuple[StruckWindow, ...]:
    """The struck windows of a log, and those that are only `suspected`. Raises StruckError.

    >>> read(Path("no/log/yet"))
    ()
    """
    try:
        found = msgspec.json.decode(path(root).read_bytes(), type=tuple[StruckWindow, ...])
    except FileNotFoundError:
        return ()
    except msgspec.MsgspecError as error:
        raise StruckError(f"{path(root)}: holds no struck windows: {error}") from error
    return tuple(each for each in found if suspected or not each.suspected)


def write(root: Path, windows: Sequence[StruckWindow]) -> None:
    """Replace all windows of a log, struck and suspected, in one step."""
    root.mkdir(parents=True, exist_ok=True)
    beside = path(root).with_name(f".struck.{os.getpid()}.tmp")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(windows), indent=1))
    beside.replace(path(root))


def suspect(root: Path, since: float, why: str, now: float) -> None:
    """Have the gate leave out outcomes from `since` on, until a person has decided about them."""
    write(root, [*read(root), StruckWindow(since, None, why, "the guard", now, suspected=True)])


def trust(root: Path) -> None:
    """End the suspicion against outcomes: a person has said that they are right."""
    if len(read(root, suspected=True)) > len(read(root)):
        write(root, read(root))


def strikes(windows: Iterable[StruckWindow], *times: float) -> bool:
    """Whether one of some times, as of a decision and its outcome, lies in one of the windows."""
    return any(each.holds(time) for each in windows for time in times)


def kept(windows: Iterable[StruckWindow], column: str = "time") -> str:
    """The SQL condition that a time lies in none of them.

    >>> kept([StruckWindow(5.0, 7.0, "why", "ann", 9.0)])
    'NOT (time >= 5.0 AND time < 7.0)'
    """
    parts = (
        f"NOT ({column} >= {each.since!r}"
        + ("" if each.until is None else f" AND {column} < {each.until!r}")
        + ")"
        for each in windows
    )
    return " AND ".join(parts) or "true"
