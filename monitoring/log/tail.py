"""Every new record of a folder, once, as it comes; the guard reads the log this way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from monitoring.log.record import RecordError
from monitoring.log.scan import whole_end, whole_lines
from monitoring.log.segments import is_closed, segments

T = TypeVar("T")


class LogTail(Generic[T]):
    """Follows all segments of `folder`; `read` is `record.decode`, `record.decode_outcome`, or reads less.

    Begins with what is appended from now on, or with everything that is there. Beginning now reads nothing of
    closed segments, and the last line of live ones. A segment that is compacted
    and deleted before it was read is missed; with a look every few seconds this does not happen.
    """

    def __init__(self, folder: Path, read: Callable[[bytes], T], from_now: bool = True) -> None:
        self._folder = Path(folder)
        self._read: Callable[[bytes], T] = read
        self._offsets: dict[Path, int] = {}
        self._finished: set[Path] = set()
        self.unreadable = 0
        """Lines that were no record: torn ones, and those of a newer version."""
        if from_now:
            for segment in segments(self._folder):
                self._skip(segment)

    def new(self) -> list[T]:
        """The records appended since the last call, in order within each worker."""
        found: list[T] = []
        present = segments(self._folder)
        self._finished &= set(present)
        for segment in present:
            if segment in self._finished:
                continue
            try:
                closed = is_closed(segment)  # asked before reading: what was read then is all there is
                self._take(segment, found)
            except FileNotFoundError:
                closed = True
            if closed:
                self._finished.add(segment)
                self._offsets.pop(segment, None)
        return found

    def _take(self, segment: Path, found: list[T]) -> None:
        start = self._offsets.get(segment, 0)
        if segment.stat().st_size == start:
            return
        for offset, line in whole_lines(segment, start):
            self._offsets[segment] = offset + len(line) + 1
            try:
                found.append(self._read(line))
            except RecordError:
                self.unreadable += 1

    def _skip(self, segment: Path) -> None:
        try:
            if is_closed(segment):
                self._finished.add(segment)
            else:
                self._offsets[segment] = whole_end(segment)
        except FileNotFoundError:
            return
