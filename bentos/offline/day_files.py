"""Sketches of closed days as Parquet, one file per day and host: none is counted twice."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from monitoring.drift.sketches import ColumnSketch
from monitoring.guard.sketch import SketchError

Key = tuple[str, int, str]
"""Version (as records have it), hour (unix time in hours), column."""
_SCHEMA = pa.schema(
    [("version", pa.string()), ("hour", pa.int64()), ("column", pa.string()), ("sketch", pa.binary())]
)

_LEFT_OUT = b"left_out"


def day_file(folder: Path, day: str) -> Path:
    """This host's file of a day."""
    return folder / f"{day}-{socket.gethostname()}.parquet"


def write_day(
    folder: Path, day: str, sketches: Mapping[Key, ColumnSketch], left_out: Collection[str] = ()
) -> None:
    """Write a day's file in one step; a day without a decision has an empty one. Raises OSError.

    `left_out` are versions that have decisions of that day and could not be sketched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(*key, sketch.to_bytes()) for key, sketch in sorted(sketches.items(), key=lambda pair: pair[0])]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], []]
    target = day_file(folder, day)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        schema = _SCHEMA.with_metadata({_LEFT_OUT: json.dumps(sorted(left_out))})
        pq.write_table(pa.table(columns, schema=schema), beside, compression="zstd")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def left_out(folder: Path, day: str) -> list[str]:
    """The versions that this host's file of a day lacks; none where there is no file, or a damaged one."""
    try:
        found = (pq.read_schema(day_file(folder, day)).metadata or {}).get(_LEFT_OUT, b"[]")
        return [str(version) for version in json.loads(found)]
    except (pa.ArrowException, OSError, ValueError):
        return []


def own_sketches(folder: Path, day: str) -> dict[Key, ColumnSketch]:
    """What this host's file has, by hour. Raises OSError or ArrowException where it is damaged."""
    return _sketches(day_file(folder, day))


def _sketches(path: Path) -> dict[Key, ColumnSketch]:
    rows = pq.read_table(path).to_pylist()
    return {
        (row["version"], row["hour"], row["column"]): ColumnSketch.from_bytes(row["sketch"]) for row in rows
    }


def forget_before(folder: Path, day: str) -> None:
    """Delete the files of days before `day` (as 2026-12-01)."""
    for path in folder.glob("*.parquet"):
        if path.name < day:
            path.unlink(missing_ok=True)


def read_days(folder: Path, days: Iterable[str]) -> dict[str, dict[tuple[str, str], ColumnSketch]]:
    """Day → (version, column) → sketch of the whole day, all hosts together. Damaged files are left out."""
    return {day: found for day in days if (found := _day(folder, day))}


def _day(folder: Path, day: str) -> dict[tuple[str, str], ColumnSketch]:
    found: dict[tuple[str, str], ColumnSketch] = {}
    for path in sorted(folder.glob(f"{day}-*.parquet")):
        try:
            for (version, _, column), sketch in _sketches(path).items():
                key = (version, column)
                if key in found:
                    found[key].merge(sketch)
                else:
                    found[key] = sketch
        except (pa.ArrowException, OSError, SketchError, msgspec.DecodeError, KeyError):
            continue
    return found
