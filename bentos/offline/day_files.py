"""Sketches of closed days as Parquet, one file per day and host: none is counted twice."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping
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


def day_file(folder: Path, day: str) -> Path:
    """This host's file of a day."""
    return folder / f"{day}-{socket.gethostname()}.parquet"


def write_day(folder: Path, day: str, sketches: Mapping[Key, ColumnSketch]) -> None:
    """Write a day's file in one step; a day without a decision has an empty one. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(*key, sketch.to_bytes()) for key, sketch in sorted(sketches.items(), key=lambda pair: pair[0])]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], []]
    target = day_file(folder, day)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        pq.write_table(pa.table(columns, schema=_SCHEMA), beside, compression="zstd")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


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
            for row in pq.read_table(path).to_pylist():
                sketch = ColumnSketch.from_bytes(row["sketch"])
                key = (row["version"], row["column"])
                if key in found:
                    found[key].merge(sketch)
                else:
                    found[key] = sketch
        except (pa.ArrowException, OSError, SketchError, msgspec.DecodeError, KeyError):
            continue
    return found
