"""The list of compacted files: read as written, refused when it cannot be, and safe beside readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitoring.log.manifest import (
    NAME,
    LogManifest,
    ManifestError,
    Part,
    deleting,
    read_manifest,
    reading,
    sources,
    write_manifest,
)
from monitoring.log.segments import SegmentWriter

OLD = Part("a.parquet", ["0001-w0", "0002-w0"], rows=10, torn=1, received=100.0)
NEW = Part("b.parquet", ["0003-w0"], rows=5, torn=0, received=200.0)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Whole, and in a file that a person can read; nothing else is left in the folder."""
    write_manifest(tmp_path, LogManifest([OLD, NEW]))
    assert read_manifest(tmp_path) == LogManifest([OLD, NEW])
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    document = json.loads((tmp_path / NAME).read_bytes())
    assert document["version"] == 1
    assert document["parts"][1] == {
        "name": "b.parquet", "segments": ["0003-w0"], "rows": 5, "torn": 0, "received": 200.0,
    }  # fmt: skip


def test_a_folder_without_one_has_nothing_compacted(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == LogManifest()
    assert read_manifest(tmp_path).covered() == set()


def test_segments_are_covered_by_any_part() -> None:
    assert LogManifest([OLD, NEW]).covered() == {"0001-w0", "0002-w0", "0003-w0"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is no list of compacted files"),
        (b'{"parts": [{"name": "a"}]}', "is no list of compacted files: Object missing required field"),
        (b'{"version": 2}', "has version 2; this Ballast reads version 1"),
    ],
)
def test_one_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """It names the file: without it nobody knows where a record is."""
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ManifestError, match=message) as caught:
        read_manifest(tmp_path)
    assert str(tmp_path / NAME) in str(caught.value)


def test_every_record_is_read_from_one_place(tmp_path: Path) -> None:
    """A segment beside the Parquet file that stands for it is passed over; an uncompacted one is read."""
    for _ in range(2):
        writer = SegmentWriter(tmp_path, "w0")
        writer.append(b"{}\n")
        writer.close()
    first, second = sorted(tmp_path.glob("*.jsonl"))
    write_manifest(tmp_path, LogManifest([Part("a.parquet", [first.stem], 1, 0, 100.0)]))
    assert sources(tmp_path) == ([tmp_path / "a.parquet"], [second])


def test_files_of_before_are_not_opened(tmp_path: Path) -> None:
    """`arrived` is the first moment that counts: a file whose last record came then is still opened."""
    write_manifest(tmp_path, LogManifest([OLD, NEW]))
    old, new = tmp_path / "a.parquet", tmp_path / "b.parquet"
    assert sources(tmp_path, arrived=100.0) == ([old, new], [])
    assert sources(tmp_path, arrived=100.5) == ([new], [])
    assert sources(tmp_path, arrived=200.5) == ([], [])


def test_nothing_is_deleted_while_somebody_reads(tmp_path: Path) -> None:
    """Readers do not wait for one another; who would delete comes back another time."""
    with reading(tmp_path), reading(tmp_path), deleting(tmp_path) as allowed:
        assert not allowed
    with deleting(tmp_path) as allowed:
        assert allowed


def test_a_folder_that_is_not_there_can_be_read(tmp_path: Path) -> None:
    """There is nothing to hold, and none is made."""
    with reading(tmp_path / "none"):
        pass
    assert not (tmp_path / "none").exists()
