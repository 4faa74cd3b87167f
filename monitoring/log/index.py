"""Finds the record of a decision by its request id, over the segments of all workers.

For the serving processes: feedback asks whether a request was answered, and with which candidates. Live
segments are followed by reading only what is new; a closed one keeps a sorted table of (hash, offset) beside
it, and compaction joins these tables to a few (`joining`), of which a worker reads what it looks for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from monitoring.log.joining import joint_tables
from monitoring.log.joint_table import SUFFIX as JOINT
from monitoring.log.joint_table import JointTable
from monitoring.log.offsets import (
    StoredTable,
    Table,
    TableDamaged,
    made_again,
    merged,
    offsets_of,
    read_table,
    write_table,
)
from monitoring.log.record import Decision, RecordError, decode
from monitoring.log.scan import id_hash, line_at, scan
from monitoring.log.segments import SUFFIX, is_closed, segments

logger = logging.getLogger(__name__)

_NEWEST = 4096
_MOST_TABLES = 8
_TICK_NS = 50_000_000  # a folder's mtime moves in steps of a few ms; younger listings are not trusted


class DecisionIndex:
    """Finds decisions by request id. Safe to share between threads.

    A call reads what all workers appended since the last one (about 2 µs per record), so that an event loop
    should call it in a thread. It takes as long in a log of a thousand segments as in one of ten, also for an
    id that was never given. Segments removed by retention are no longer found.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = Path(folder)
        self._lock = threading.Lock()
        self._live: dict[Path, _Tail] = {}
        self._closed: dict[Path, _Closed] = {}  # those that no joint table has
        self._joint: list[JointTable] = []
        self._joined: set[str] = set()
        self._listed = -1

    def find(self, request_id: str) -> Decision | None:
        """The last record of `request_id`, or None where no segment has one."""
        key = id_hash(request_id)
        with self._lock:
            self._refresh()
            found = [decision for tail in self._live.values() for decision in tail.find(key, request_id)]
            best = _last(found)
            for segment, offsets in self._closed_places(key):
                if best is not None and best.received > _ended(segment):
                    break  # whatever an older segment holds was received before
                found = [*_read_all(segment, offsets, request_id), *([best] if best else [])]
                best = _last(found)
            return best

    def find_all(self, request_id: str) -> list[Decision]:
        """Every record of `request_id`, as where a client used an id twice."""
        key = id_hash(request_id)
        with self._lock:
            self._refresh()
            places = self._closed_places(key)
            closed = [each for path, offsets in places for each in _read_all(path, offsets, request_id)]
            return closed + [each for tail in self._live.values() for each in tail.find(key, request_id)]

    def _closed_places(self, key: int) -> list[tuple[Path, list[int]]]:
        """Closed segments that may have an id, the one that ended last first, and where."""
        found: dict[Path, set[int]] = defaultdict(set)
        for table in list(self._joint):
            try:
                for place in table.places_of(key):
                    found[self._folder / (place.segment + SUFFIX)].add(place.offset)
            except TableDamaged as error:
                self._leave(table, str(error))
        for path, segment in self._closed.items():
            if offsets := segment.offsets_of(key):
                found[path].update(offsets)
        by_end = sorted(found, key=_ended, reverse=True) if len(found) > 1 else list(found)
        return [(path, sorted(found[path])) for path in by_end]

    def _leave(self, table: JointTable, why: str) -> None:
        """Go on with the tables beside the segments; compaction makes another one of them."""
        logger.warning("a table of request ids is damaged and will be made again: %s", why)
        with suppress(OSError):
            table.path.unlink(missing_ok=True)
        self._joint.remove(table)
        self._cover(table.head.segments)

    def _cover(self, stems: Iterable[str]) -> None:
        """Look into these segments by themselves, but for those that another joint table has."""
        self._joined = {stem for table in self._joint for stem in table.head.segments}
        for stem in stems:
            path = self._folder / (stem + SUFFIX)
            if stem not in self._joined and path not in self._live and path not in self._closed:
                self._add(path)

    def _refresh(self) -> None:
        self._list()
        for path, tail in list(self._live.items()):
            try:
                closed = is_closed(path)  # asked before reading: what was read then is all there is
                tail.read()
                if closed:
                    self._closed[path] = tail.close()
                    del self._live[path]
            except FileNotFoundError:
                del self._live[path]

    def _list(self) -> None:
        try:
            changed = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            changed = 0
        if changed == self._listed:
            return
        self._listed = changed if time.time_ns() - changed > _TICK_NS else -1
        present = segments(self._folder)
        self._list_joint()
        for gone in (self._live.keys() | self._closed.keys()) - set(present):
            self._live.pop(gone, None)
            self._closed.pop(gone, None)
        self._cover(path.stem for path in present)
        for path in [path for path in self._closed if path.stem in self._joined]:
            del self._closed[path]

    def _list_joint(self) -> None:
        """The joint tables there are now; those that are open already are not opened again."""
        names = {path.name for path in self._folder.glob(f"[!.]*{JOINT}")}
        if names == {table.path.name for table in self._joint}:
            return
        self._joint, damaged = joint_tables(self._folder)
        for path, why in damaged.items():
            logger.warning("a table of request ids is damaged and will be made again: %s", why)
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def _add(self, path: Path) -> None:
        table = read_table(path)
        try:
            if table is not None:
                self._closed[path] = _Closed(path, table)
            else:
                self._live[path] = _Tail(path)
        except FileNotFoundError:
            return


class _Tail:
    """A segment that may still grow. Its lines cost 16 bytes each: dicts are for the newest only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._newest: dict[int, tuple[int, ...]] = {}
        self._tables: list[Table] = []

    def read(self) -> None:
        if self._path.stat().st_size == self._offset:
            return
        for key, offset, end in scan(self._path, self._offset):
            if key >= 0:
                self._newest[key] = (*self._newest.get(key, ()), offset)
                if len(self._newest) >= _NEWEST:
                    self._pack()
            self._offset = end

    def find(self, key: int, request_id: str) -> list[Decision]:
        packed = [offset for table in self._tables for offset in offsets_of(table, key)]
        return _read_all(self._path, [*packed, *self._newest.get(key, ())], request_id)

    def close(self) -> _Closed:
        self._pack()
        table = merged(self._tables)
        try:
            write_table(self._path, table)
        except OSError:  # a full disk: this worker's memory holds the table instead
            return _Closed(self._path, table)
        stored = read_table(self._path)
        return _Closed(self._path, table if stored is None else stored)

    def _pack(self) -> None:
        pairs = [(key, offset) for key, offsets in self._newest.items() for offset in offsets]
        self._tables.append(merged([np.array(pairs, dtype=np.uint64).reshape(-1, 2).T]))
        self._newest = {}
        if len(self._tables) > _MOST_TABLES:
            self._tables = [merged(self._tables)]


class _Closed:
    """A segment that is whole, and its table."""

    def __init__(self, path: Path, table: Table | StoredTable) -> None:
        self._path = path
        self._table = table

    def offsets_of(self, key: int) -> list[int]:
        """By the table; one that somebody has damaged is made again from the segment."""
        if isinstance(self._table, StoredTable):
            try:
                return self._table.offsets_of(key)
            except TableDamaged as error:
                logger.warning("the table of a segment is damaged and made again: %s", error)
                self._table = made_again(self._path)
        return offsets_of(self._table, key)


def _ended(segment: Path) -> float:
    """When a closed segment was written to last (unix s); before everything where it is gone."""
    try:
        return segment.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _read_all(segment: Path, offsets: Iterable[int], request_id: str) -> list[Decision]:
    """The records at `offsets` that are whole and of this request: hashes may collide, lines be torn."""
    found = []
    for offset in offsets:
        try:
            decision = decode(line_at(segment, offset))
        except (FileNotFoundError, RecordError):
            continue
        if decision.request_id == request_id:
            found.append(decision)
    return found


def _last(found: list[Decision]) -> Decision | None:
    """The one received last; of those received at once, the one written last."""
    return max(reversed(found), key=lambda decision: decision.received, default=None)
