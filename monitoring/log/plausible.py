"""Which records can be meant, and what a log's own clock says: no single record spoils what others tell.

The server refuses times and outcomes that can't be meant; a log of an earlier release may have them. Readers
leave them out by the same bounds, which the Steward keeps in `bounds.json` beside the records.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import msgspec

AHEAD = 3600.0  # seconds that an event may lie after its arrival: clocks differ
YEAR = 366 * 86400.0  # seconds that a record may be late, whatever the table
DAY = 86400.0
MOST = 101  # records at an end of the log that say what time it is there


class LogBounds(msgspec.Struct, frozen=True):
    """`first` is the first time of the declared table, unix seconds; outcomes are from `least` to `most`."""

    first: float = 0.0
    least: float = -1e15
    most: float = 1e15

    def holds(self, time: float, received: float) -> bool:
        """Whether the event of a record that arrived at `received` may have been at `time`; unix seconds.

        >>> LogBounds(first=1e9).holds(1e9, 1.7e9), LogBounds(first=1e9).holds(5.0, 1.7e9)
        (True, False)
        """
        return min(self.first, received - YEAR) <= time <= received + AHEAD


def path(root: Path) -> Path:
    """The file of a log's bounds."""
    return root / "bounds.json"


def read(root: Path) -> LogBounds:
    """The bounds of a log; without a file that says them, 1970 and whatever can be added up."""
    try:
        found = msgspec.json.decode(path(root).read_bytes(), type=LogBounds)
    except (OSError, msgspec.MsgspecError):
        return LogBounds()
    return found if all(map(math.isfinite, msgspec.structs.astuple(found))) else LogBounds()


def write(root: Path, bounds: LogBounds) -> None:
    """Replace the bounds of a log in one step, where they are others."""
    if path(root).exists() and read(root) == bounds:
        return
    root.mkdir(parents=True, exist_ok=True)
    beside = path(root).with_name(f".bounds.{os.getpid()}.tmp")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(bounds), indent=1) + b"\n")
    beside.replace(path(root))


def kept(bounds: LogBounds, kind: str) -> str:
    """The SQL condition that a record of a kind can be meant."""
    timely = f"time BETWEEN least({bounds.first!r}, received - {YEAR!r}) AND received + {AHEAD!r}"
    return (
        f"{timely} AND value BETWEEN {bounds.least!r} AND {bounds.most!r}" if kind == "outcomes" else timely
    )


_CLOCK = """(
    WITH ends AS (
        SELECT {time} AS told FROM {table} ORDER BY {order}
        LIMIT (SELECT greatest(3, least({most}, count(*) // 20)) FROM {table})
    )
    SELECT coalesce({outermost}, 0) FROM ends
    WHERE abs(told - (SELECT median(told) FROM ends)) <= {near!r}
)"""


def newest(table: str = "decisions", time: str = "time", received: str = "received") -> str:
    """SQL of the log's own time at its end (unix s): the latest event of what arrived last.

    What lies more than a day from the median of that has a time of its own, as one request of today has
    after a replay of last year's; it moves no clock.
    """
    order = f"{received} DESC, {time} DESC"
    return _CLOCK.format(table=table, time=time, order=order, most=MOST, near=DAY, outermost="max(told)")


def oldest(table: str = "decisions", time: str = "time", received: str = "received") -> str:
    """SQL of the log's own time at its begin (unix s), likewise."""
    order = f"{received}, {time}"
    return _CLOCK.format(table=table, time=time, order=order, most=MOST, near=DAY, outermost="min(told)")
