"""Tables of many segments are made, merged, left and made again, and every id is found all the while."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitoring.log import index as index_module
from monitoring.log.compact import compact
from monitoring.log.index import DecisionIndex
from monitoring.log.joining import join, joint_tables
from monitoring.log.segments import segments
from tests.monitoring.log.test_index import bytes_read
from tests.monitoring.records import decision, write_decisions

EACH = 40


def segments_of(root: Path, first: int, count: int) -> Path:
    for number in range(first, first + count):
        write_decisions(root, *(decision(f"r{number}-{k}", 2) for k in range(EACH)))
    return root / "decisions"


def all_found(index: DecisionIndex, numbers: range) -> bool:
    ids = [f"r{number}-{k}" for number in numbers for k in range(0, EACH, 13)]
    return all((found := index.find(each)) is not None and found.request_id == each for each in ids)


def test_tables_are_few_however_many_segments_there_are(tmp_path: Path) -> None:
    """And an index that was open before sees each of them."""
    folder, index = tmp_path / "decisions", DecisionIndex(tmp_path / "decisions")
    for first in range(0, 60, 10):
        segments_of(tmp_path, first, 10)
        assert join(folder) == []
        assert all_found(index, range(first + 10))
        assert index.find("nobody") is None
    tables, damaged = joint_tables(folder)
    assert not damaged
    assert len(tables) <= 3
    assert sum(table.head.count for table in tables) == 60 * EACH
    assert len(list(folder.glob("*.ids"))) == len(tables)
    assert all_found(DecisionIndex(folder), range(60))


def test_an_unknown_id_is_one_step_in_many_segments(tmp_path: Path) -> None:
    """Counted in bytes read: no more than a bucket, where every segment would be some hundred bytes each."""
    folder = segments_of(tmp_path, 0, 40)
    index = DecisionIndex(folder)
    for joined in (False, True):
        if joined:
            join(folder)
        assert index.find("nobody") is None
        before = bytes_read()
        for number in range(50):
            assert index.find(f"nobody-{number}") is None
        cost = (bytes_read() - before) / 50
        assert (cost < 9_000) == joined, cost


@pytest.mark.parametrize("how", ["flipped", "cut", "empty"])
def test_a_damaged_table_is_said_left_and_made_again(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """While it is open and when it is opened; by the worker that finds it and by compaction."""
    folder = segments_of(tmp_path, 0, 10)
    join(folder)
    index = DecisionIndex(folder)
    assert all_found(index, range(10))
    [path] = folder.glob("*.ids")
    content = bytearray(path.read_bytes())
    for place in range(0, EACH * 16 * 10, 50):
        content[place] ^= 1
    changed = {"flipped": content, "cut": content[:3000], "empty": b""}[how]
    with path.open("r+b") as file:
        file.truncate(len(changed))
        file.write(changed)
    assert all_found(index, range(10))
    assert all_found(DecisionIndex(folder), range(10))
    assert "is damaged and will be made again" in caplog.text
    assert not path.exists()
    join(folder)
    assert len(joint_tables(folder)[0]) == 1
    assert all_found(DecisionIndex(folder), range(10))


def test_compaction_says_which_table_was_damaged(tmp_path: Path) -> None:
    folder = segments_of(tmp_path, 0, 10)
    join(folder)
    [path] = folder.glob("*.ids")
    path.write_bytes(path.read_bytes()[:-1])
    assert join(folder) == [f"{path}: has no end"]
    assert all_found(DecisionIndex(folder), range(10))


def test_segments_that_are_gone_leave_the_tables(tmp_path: Path) -> None:
    folder = segments_of(tmp_path, 0, 12)
    join(folder)
    index = DecisionIndex(folder)
    for segment in segments(folder)[:7]:
        segment.unlink()
    assert index.find("r0-0") is None
    join(folder)
    [table] = joint_tables(folder)[0]
    assert table.head.count == 5 * EACH
    assert all_found(index, range(7, 12))
    for segment in segments(folder):
        segment.unlink()
    join(folder)
    assert list(folder.glob("*.ids")) == []
    assert index.find("r11-0") is None


def test_the_last_record_of_an_id_counts_over_joined_segments(tmp_path: Path) -> None:
    """The one received last, wherever its segment is."""
    for number in range(12):
        received = 100.0 + (number if number != 3 else 50)
        write_decisions(tmp_path, decision("again", received=received, model=f"flights/{number}"))
    folder = tmp_path / "decisions"
    for number, segment in enumerate(segments(folder)):
        os.utime(segment, (151 + number, 151 + number))
    for joined in (False, True):
        if joined:
            join(folder)
        index = DecisionIndex(folder)
        assert index.find("again").model == "flights/3"
        assert len(index.find_all("again")) == 12


def test_a_process_that_dies_while_joining_leaves_every_id_findable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the new table is there and before the old ones are deleted: nothing is doubled either."""
    folder = segments_of(tmp_path, 0, 10)
    join(folder)
    old = {path.name: path.read_bytes() for path in folder.glob("*.ids")}
    segments_of(tmp_path, 10, 10)
    join(folder)
    for name, content in old.items():
        (folder / name).write_bytes(content)
    (folder / ".half.ids").write_bytes(b"begun")
    index = DecisionIndex(folder)
    assert all_found(index, range(20))
    assert len(index.find_all("r3-0")) == 1
    join(folder)
    assert len(list(folder.glob("[!.]*.ids"))) == 1


def test_compaction_joins(tmp_path: Path) -> None:
    folder = segments_of(tmp_path, 0, 9)
    compact(tmp_path)
    assert len(joint_tables(folder)[0]) == 1
    assert index_module.DecisionIndex(folder).find("r8-1") is not None
