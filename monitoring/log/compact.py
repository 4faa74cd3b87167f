"""Turns closed segments into Parquet, a fourth to an eighth of their size, and deletes what is too old.

Each step leaves the log readable and whole, wherever the process dies: a Parquet file counts once the
manifest names it, and a segment is deleted only after that. What a crash leaves over, the next run removes.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from monitoring.errors import UserError
from monitoring.log.joining import join
from monitoring.log.manifest import (
    ALONE,
    NAME,
    READERS,
    LogManifest,
    Part,
    alone,
    deleting,
    read_manifest,
    sync_folder,
    write_manifest,
)
from monitoring.log.offsets import SUFFIX as TABLE
from monitoring.log.offsets import table_path
from monitoring.log.parquet_form import written_as
from monitoring.log.record import RecordError
from monitoring.log.rows import json_rows, refuse_newer
from monitoring.log.segments import SUFFIX, is_closed, segments
from monitoring.log.sums import forget, keep

logger = logging.getLogger(__name__)

DAY = 86400.0


@dataclass(frozen=True)
class Policy:
    """What is compacted when, and how long it is kept; seconds count from a file's last record.

    `keep_segments` is how long a compacted segment stays, which is how long feedback finds its
    decisions; `keep` is how long records are kept at all, None for ever. A Parquet file gets up to
    `most_bytes` of segments (writing it takes about eight times that in memory), and at least
    `least_bytes`, unless they have waited for `wait` seconds.
    """

    keep_segments: float = 14 * DAY
    keep: float | None = None
    most_bytes: int = 256 * 1024 * 1024
    least_bytes: int = 16 * 1024 * 1024
    wait: float = DAY


@dataclass(frozen=True)
class Compaction:
    """What one run did to one folder."""

    compacted: list[str] = field(default_factory=list)
    rows: int = 0
    torn: int = 0
    deleted: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    busy: bool = False


class CompactionError(UserError, RuntimeError):
    """A Parquet file does not hold what its segments hold; nothing was changed."""


def compact(root: Path, policy: Policy = Policy(), now: float | None = None) -> dict[str, Compaction]:
    """Compact decisions and outcomes under `root`, and delete what `policy` no longer keeps.

    One run at a time: another one returns at once, busy. Raises OSError or duckdb.Error where the disk does
    not take the files, CompactionError where they differ; the log is as it was then.
    """
    now = time.time() if now is None else now
    return {kind: _compact(root / kind, kind, policy, now) for kind in ("decisions", "outcomes")}


def _compact(folder: Path, kind: str, policy: Policy, now: float) -> Compaction:
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder) as only:
        if not only:
            return Compaction(busy=True)
        sums = keep(folder)  # brings a lost manifest back, before what it does not name counts as left over
        _clear_leftovers(folder, now)
        damaged = {name: each.damage for name, each in sums.files.items() if each.damage}
        done: list[Part] = []
        refused: dict[str, str] = dict(damaged)
        for batch in _batches([each for each in _uncovered(folder) if each.name not in damaged], policy, now):
            try:
                done.append(_add(folder, kind, batch))
            except RecordError as error:
                refused |= {segment.name: str(error) for segment in batch}
        deleted = _expire(folder, policy, now)
        for why in join(folder) if kind == "decisions" else ():
            logger.warning("a table of request ids was damaged and is made again: %s", why)
        keep(folder)
    return Compaction(
        [segment for part in done for segment in part.segments],
        sum(part.rows for part in done),
        sum(part.torn for part in done),
        deleted,
        refused,
    )


def _uncovered(folder: Path) -> list[Path]:
    covered = read_manifest(folder).covered()
    return [path for path in segments(folder) if path.stem not in covered and is_closed(path)]


def _batches(found: list[Path], policy: Policy, now: float) -> list[list[Path]]:
    """Segments that belong into one Parquet file each, in time order; small and young ones wait."""
    batches: list[list[Path]] = []
    size = 0
    for path in found:
        size += path.stat().st_size
        if not batches or size > policy.most_bytes:
            batches.append([])
            size = path.stat().st_size
        batches[-1].append(path)
    return [batch for batch in batches if _ready(batch, policy, now)]


def _ready(batch: list[Path], policy: Policy, now: float) -> bool:
    states = [path.stat() for path in batch]
    large = sum(state.st_size for state in states) >= policy.least_bytes
    return large or max(state.st_mtime for state in states) <= now - policy.wait


def _add(folder: Path, kind: str, batch: list[Path]) -> Part:
    """Write one Parquet file, then name it in the manifest: from then on readers read it."""
    final = folder / f"{batch[0].stem}.parquet"
    temporary = folder / f".{final.name}"
    rows, received = _write_parquet(temporary, kind, batch)
    torn = sum(_line_count(path) for path in batch) - rows
    if torn < 0:
        raise CompactionError(f"{temporary} has {rows} rows, which is {-torn} more than its segments' lines")
    temporary.replace(final)
    sync_folder(folder)
    part = Part(final.name, [path.stem for path in batch], rows, torn, received)
    write_manifest(folder, LogManifest([*read_manifest(folder).parts, part]))
    return part


def _write_parquet(target: Path, kind: str, batch: list[Path]) -> tuple[int, float]:
    """(rows, time of arrival of the last): all whole records of `batch`, in event time order."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE batch AS {json_rows(kind, batch)}")
        refuse_newer(connection, "batch", batch[0].parent)
        path = str(target).replace("'", "''")
        form = f"FORMAT parquet, {written_as(connection, kind)}"
        connection.execute(f"COPY (FROM batch ORDER BY time) TO '{path}' ({form})")
        last = max(segment.stat().st_mtime for segment in batch)
        found = connection.execute("SELECT count(*), max(received) FROM batch").fetchone()
        copied = connection.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()  # noqa: S608
    if found is None or copied is None or found[0] != copied[0]:
        raise CompactionError(f"{target} has {copied} rows where its segments have {found}")
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return int(found[0]), float(found[1] if found[1] is not None else last)


def _line_count(path: Path) -> int:
    """Lines that are not empty, the last one counting also without a newline."""
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _expire(folder: Path, policy: Policy, now: float) -> list[str]:
    """Delete what is old: segments first, so that dropping a part never brings its segments back."""
    manifest = read_manifest(folder)
    old = [part for part in manifest.parts if part.received < now - policy.keep_segments]
    gone = [part for part in manifest.parts if policy.keep is not None and part.received < now - policy.keep]
    stems = {stem for part in [*old, *gone] for stem in part.segments}
    doomed = [path for path in segments(folder) if path.stem in stems]
    if not doomed and not gone:
        return []
    with deleting(folder) as allowed:
        if not allowed:
            return []
        forget(folder, {path.name for path in doomed} | {part.name for part in gone})
        for path in doomed:
            path.unlink()
            table_path(path).unlink(missing_ok=True)
        if gone:
            sync_folder(folder)
            write_manifest(folder, LogManifest([part for part in manifest.parts if part not in gone]))
            for part in gone:
                (folder / part.name).unlink(missing_ok=True)
    return [path.name for path in doomed] + [part.name for part in gone]


def _clear_leftovers(folder: Path, now: float) -> None:
    """What a process that died had begun: files that no manifest names, tables without their segment."""
    named = {part.name for part in read_manifest(folder).parts}
    known = (folder / NAME).exists()  # where nobody knows what a Parquet file stands for, it stays
    for path in folder.iterdir():
        orphan = path.suffix == ".parquet" and path.name not in named and known
        alone = path.suffix == TABLE and not path.with_suffix(SUFFIX).exists()
        if orphan or alone or (path.name[0] == "." and _abandoned(path, now)):
            path.unlink(missing_ok=True)


def _abandoned(hidden: Path, now: float) -> bool:
    """Hidden files are written and renamed in a moment; one that is an hour old will never be."""
    if hidden.name in {READERS, ALONE}:
        return False
    try:
        return hidden.stat().st_mtime < now - 3600
    except FileNotFoundError:
        return False


if __name__ == "__main__":  # as the Steward calls it: what it takes of memory ends with it
    compact(Path(sys.argv[1]))
