"""A table of many segments is read as it was written, and what is damaged is never taken for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monitoring.log import joint_merge
from monitoring.log.joint_merge import TableShare
from monitoring.log.joint_table import JointTable, Place
from monitoring.log.offsets import Table, TableDamaged, merged


def tables(count: int, ids: int, seed: int = 0) -> dict[str, Table]:
    """Tables of segments, some of whose hashes are in several, or several times in one."""
    draw = np.random.default_rng(seed)
    found = {}
    for number in range(count):
        hashes = draw.integers(0, 2**64 - 1, ids, dtype=np.uint64)
        hashes[: ids // 10] = np.arange(ids // 10, dtype=np.uint64) % 7
        found[f"s{number}"] = merged([np.stack([hashes, np.arange(ids, dtype=np.uint64) * np.uint64(999)])])
    return found


def write(path: Path, found: dict[str, Table]) -> JointTable:
    sources = [TableShare((table[0], table[1]), [number]) for number, table in enumerate(found.values())]
    joint_merge.write(path, list(found), [table.shape[1] for table in found.values()], sources)
    return JointTable(path)


def places(found: dict[str, Table], key: int) -> set[Place]:
    return {
        Place(name, int(offset))
        for name, table in found.items()
        for offset in table[1][table[0] == np.uint64(key)]
    }


def keys(found: dict[str, Table]) -> list[int]:
    return [int(key) for table in found.values() for key in table[0][::17]]


def test_any_byte_that_a_disk_turns_is_noticed_or_not_read(tmp_path: Path) -> None:
    """Whatever a look-up gives is right, and a table that is cut is none."""
    found = tables(3, 400)
    whole = write(tmp_path / "a.ids", found).path.read_bytes()
    noticed = 0
    for place in range(0, len(whole), 61):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        (tmp_path / "a.ids").write_bytes(damaged)
        try:
            made = JointTable(tmp_path / "a.ids")
            for key in keys(found):
                assert set(made.places_of(key)) == places(found, key)
        except TableDamaged:
            noticed += 1
    assert noticed > len(whole) / 61 * 0.8
    for size in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "a.ids").write_bytes(whole[:size])
        with pytest.raises(TableDamaged):
            JointTable(tmp_path / "a.ids")


def test_a_table_that_is_deleted_stays_readable_for_who_has_it_open(tmp_path: Path) -> None:
    found = tables(2, 300)
    made = write(tmp_path / "a.ids", found)
    made.path.unlink()
    assert all(set(made.places_of(key)) == places(found, key) for key in keys(found))
