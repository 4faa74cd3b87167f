"""When tables of many segments are made: an id is found in one step, not in one for each segment.

The process that compacts does it. Tables are merged by size: a new one takes over those that are less than
`LARGER` times as large. So there are two or three of them however many segments there are, and an id is
written again some eight times while its table grows eightfold. The tables beside the segments stay: what is
damaged is made of them again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from monitoring.log.joint_merge import TableShare, write
from monitoring.log.joint_table import SUFFIX, JointTable
from monitoring.log.offsets import Table, TableDamaged, made_again, whole_table
from monitoring.log.segments import is_closed, segments

FEWEST = 4  # segments without a joint table, below which they wait
LARGER = 8
_MOST = 16  # that are joined at once: their tables are in memory


def joint_tables(folder: Path) -> tuple[list[JointTable], dict[Path, str]]:
    """Tables that can be read, largest first, none whose segments another has; and why others can't be."""
    found, damaged = [], {}
    for path in folder.glob(f"[!.]*{SUFFIX}"):
        try:
            found.append(JointTable(path))
        except (TableDamaged, ValueError) as error:
            damaged[path] = str(error)
        except OSError:
            continue  # merged into another one just now
    kept: list[JointTable] = []
    covered: set[str] = set()
    for table in sorted(found, key=lambda table: (-table.head.count, table.path.name)):
        if not covered.issuperset(table.head.segments):
            kept.append(table)
            covered.update(table.head.segments)
    return kept, damaged


def join(folder: Path, fewest: int = FEWEST) -> list[str]:
    """Bring the tables of a folder up to date; says which of them were damaged and are made again.

    To be called by one process at a time, the one that compacts.
    """
    present = {path.stem: path for path in segments(folder)}
    tables, damaged = joint_tables(folder)
    tables, broken = _emptied(folder, tables, present.keys())
    while new := _not_joined(tables, present, fewest):
        made, more = _joined(folder, tables, new)
        broken |= more
        tables = [made, *(each for each in tables if each.path.exists())]
    kept = {each.path for each in tables}
    for path in folder.glob(f"[!.]*{SUFFIX}"):
        if path not in kept:
            path.unlink(missing_ok=True)
    return [*damaged.values(), *broken.values()]


def _not_joined(tables: Iterable[JointTable], present: dict[str, Path], fewest: int) -> list[Path]:
    covered = {stem for table in tables for stem in table.head.segments}
    new = [path for stem, path in present.items() if stem not in covered and _closed(path)]
    return new[:_MOST] if len(new) >= fewest else []


def _closed(path: Path) -> bool:
    try:
        return is_closed(path)
    except FileNotFoundError:
        return False


def _emptied(
    folder: Path, tables: list[JointTable], present: Collection[str]
) -> tuple[list[JointTable], dict[Path, str]]:
    """`tables`, those written again of which most ids are of segments that are gone; and the damaged ones."""
    kept, damaged = [], dict[Path, str]()
    for table in tables:
        head = table.head
        left = sum(n for stem, n in zip(head.segments, head.counts, strict=True) if stem in present)
        if 2 * left > head.count:
            kept.append(table)
            continue
        try:
            if left:
                kept.append(_written(folder, [], [table], present))
        except TableDamaged as error:
            damaged[table.path] = str(error)
        table.path.unlink(missing_ok=True)
    return kept, damaged


def _joined(folder: Path, tables: list[JointTable], new: list[Path]) -> tuple[JointTable, dict[Path, str]]:
    """A table of `new` segments and of tables that aren't much larger; and those that were damaged."""
    loaded = [(path, _table(path)) for path in new]
    size, taken = sum(table.shape[1] for _, table in loaded), list[JointTable]()
    for table in sorted(tables, key=lambda table: table.head.count):
        if table.head.count < LARGER * size:
            taken.append(table)
            size += table.head.count
    damaged = dict[Path, str]()
    present = {path.stem for path in segments(folder)}
    while True:
        try:
            made = _written(folder, loaded, taken, present)
            break
        except TableDamaged as error:
            bad = next(each for each in taken if str(each.path) in str(error))
            taken.remove(bad)
            damaged[bad.path] = str(error)
            bad.path.unlink(missing_ok=True)
    for table in taken:
        table.path.unlink(missing_ok=True)
    return made, damaged


def _written(
    folder: Path, loaded: list[tuple[Path, Table]], taken: list[JointTable], present: Collection[str]
) -> JointTable:
    names, counts, sources = list[str](), list[int](), list[TableShare]()
    for table in taken:
        numbers = []
        for stem, count in zip(table.head.segments, table.head.counts, strict=True):
            kept = stem in present and stem not in names
            numbers.append(len(names) if kept else -1)
            names += [stem] * kept
            counts += [count] * kept
        sources.append(TableShare(table, numbers))
    for path, found in loaded:
        sources.append(TableShare((found[0], found[1]), [len(names)]))
        names.append(path.stem)
        counts.append(found.shape[1])
    path = folder / f"{time.time_ns():020d}-{secrets.token_hex(3)}{SUFFIX}"
    write(path, names, counts, sources)
    return JointTable(path)


def _table(segment: Path) -> Table:
    """The table beside a closed segment, made where there is none or where it can't be right."""
    found = whole_table(segment)
    size = segment.stat().st_size
    sound = found is not None and bool(np.all(found[0][1:] >= found[0][:-1]) and np.all(found[1] < size))
    return found if found is not None and sound else made_again(segment)
