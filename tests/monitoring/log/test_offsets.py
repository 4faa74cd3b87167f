"""The table beside a segment: every line of a hash is found, and a damaged table is no table."""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.log.offsets import (
    Table,
    TableDamaged,
    merged,
    offsets_of,
    read_table,
    table_path,
    write_table,
)

hashes = st.integers(0, 2**64 - 1)


def table_of(*pairs: tuple[int, int]) -> Table:
    """A table of (hash, offset), in the order of their hashes."""
    return merged([np.array(pairs, np.uint64).reshape(-1, 2).T])


@given(st.lists(st.tuples(hashes | st.integers(0, 3), st.integers(0, 2**40)), max_size=50), st.integers(0, 5))
def test_each_hash_has_all_its_lines_in_order(pairs: list[tuple[int, int]], parts: int) -> None:
    """However the lines were divided over tables before; a hash that no line has has none."""
    cuts = np.linspace(0, len(pairs), parts + 2).astype(int)
    table = merged([table_of(*pairs[low:high]) for low, high in itertools.pairwise(cuts)])
    assert (np.diff(table[0].astype(object)) >= 0).all()
    for key in {key for key, _ in pairs} | {4}:
        assert offsets_of(table, key) == [offset for each, offset in pairs if each == key]


def test_a_table_lies_beside_its_segment(tmp_path: Path) -> None:
    """Written whole, and read where something is looked for; no draft of it is left."""
    segment = tmp_path / "0001-w0.jsonl"
    write_table(segment, table_of((7, 0), (3, 40), (7, 90)))
    assert [path.name for path in tmp_path.iterdir()] == ["0001-w0.idx"]
    found = read_table(segment)
    assert found is not None
    assert found.count == 3
    assert [found.offsets_of(key) for key in (0, 3, 7, 8, 2**64 - 1)] == [[], [40], [0, 90], [], []]


@given(st.lists(st.tuples(hashes | st.integers(0, 3), st.integers(0, 2**40)), max_size=50))
def test_what_is_stored_is_found_as_in_memory(pairs: list[tuple[int, int]]) -> None:
    """Every hash, and one that no line has."""
    with tempfile.TemporaryDirectory() as folder:
        segment, table = Path(folder) / "s.jsonl", table_of(*pairs)
        write_table(segment, table)
        found = read_table(segment)
        assert found is not None
        for key in {key for key, _ in pairs} | {4, 2**63}:
            assert found.offsets_of(key) == offsets_of(table, key)


def test_a_table_cut_short_while_it_is_used_is_an_error(tmp_path: Path) -> None:
    """And ends no process, as a mapped file would; so is one that is gone."""
    segment = tmp_path / "0001-w0.jsonl"
    write_table(segment, table_of(*((key, key) for key in range(1000))))
    found = read_table(segment)
    assert found is not None
    assert found.offsets_of(999) == [999]
    os.truncate(table_path(segment), 4096)
    with pytest.raises(TableDamaged, match="has fewer than 2000 numbers"):
        found.offsets_of(999)
    table_path(segment).unlink()
    with pytest.raises(TableDamaged, match="No such file"):
        found.offsets_of(1)


@pytest.mark.parametrize(
    "array",
    [np.zeros((3, 2), np.uint64), np.zeros(4, np.uint64), np.zeros((2, 4), np.int64)],
    ids=["three rows", "one row", "signed"],
)
def test_another_array_is_no_table(tmp_path: Path, array: np.ndarray) -> None:
    """It is worked out anew instead."""
    segment = tmp_path / "0001-w0.jsonl"
    with table_path(segment).open("wb") as file:
        np.save(file, array)
    assert read_table(segment) is None


def test_a_missing_or_damaged_table_is_no_table(tmp_path: Path) -> None:
    """Cut short at any length."""
    segment = tmp_path / "0001-w0.jsonl"
    assert read_table(segment) is None
    write_table(segment, table_of((1, 2), (3, 4)))
    whole = table_path(segment).read_bytes()
    for length in (0, 5, 60, len(whole) - 1):
        table_path(segment).write_bytes(whole[:length])
        assert read_table(segment) is None


def test_a_table_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    """The error is the disk's."""
    table_path(tmp_path / "s.jsonl").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_table(tmp_path / "s.jsonl", table_of((1, 2)))
    assert [path.name for path in tmp_path.iterdir()] == ["s.idx"]
