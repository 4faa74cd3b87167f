"""A file of the log that is cut, zeroed, changed or deleted is known, by a look or by reading all of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitoring.log.compact import Policy, compact
from monitoring.log.manifest import NAME as MANIFEST
from monitoring.log.manifest import alone, read_manifest
from monitoring.log.record import encode
from monitoring.log.scan import whole_lines
from monitoring.log.segments import SegmentWriter, segments
from monitoring.log.sums import NAME, accept, keep, read_sums, trouble
from tests.monitoring.records import decision, write_decisions

AT_ONCE = Policy(least_bytes=0, wait=0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A log of one closed segment of twenty records, summed."""
    write_decisions(tmp_path, *(decision(f"r{number}") for number in range(20)))
    keep(tmp_path / "decisions")
    return tmp_path


def only(root: Path) -> Path:
    [path] = segments(root / "decisions")
    return path


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def turned(path: Path) -> None:
    """One bit, and the times of before: what a disk does."""
    state, content = path.stat(), bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


DAMAGE: dict[str, tuple[Callable[[Path], None], str]] = {
    "emptied": (lambda path: os.truncate(path, 0), "has 0 bytes where it had "),
    "cut": (lambda path: os.truncate(path, 900), "has 900 bytes where it had "),
    "deleted": (Path.unlink, "is gone: it had "),
    "zeroed": (zeroed, "what it held is not what was written: "),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_look_finds_it(root: Path, damage: str) -> None:
    """Files as they were are no trouble; what is wrong stays known until a person accepts it."""
    assert trouble(root) == trouble(root, thorough=True) == []
    act, why = DAMAGE[damage]
    act(only(root))
    [found] = trouble(root)
    assert found.why.startswith(why)
    assert found.why.endswith(" and 20 records")
    for _ in range(2):
        keep(root / "decisions")
        assert len(trouble(root)) == 1
    assert accept(root)
    assert trouble(root) == trouble(root, thorough=True) == []


def test_what_a_disk_turns_only_reading_finds(root: Path) -> None:
    turned(only(root))
    assert trouble(root) == []
    [found] = trouble(root, thorough=True)
    assert found.why.startswith("what it held is not what was written")


def test_a_copy_of_the_same_is_the_same(root: Path) -> None:
    """As of a backup: another time of change, no other content."""
    os.utime(only(root))
    assert trouble(root) == []
    keep(root / "decisions")
    assert read_sums(root / "decisions").files[only(root).name].mtime == only(root).stat().st_mtime_ns


def test_a_segment_that_grows_is_summed_as_far_as_it_goes(tmp_path: Path) -> None:
    """Each look reads what is new; once it is closed, all that was there is still there, or it is known."""
    writer, folder = SegmentWriter(tmp_path / "decisions", "w0"), tmp_path / "decisions"
    for number in range(3):
        writer.append(encode(decision(f"r{number}")))
        keep(folder)
        [each] = read_sums(folder).files.values()
        assert (each.lines, each.mtime) == (number + 1, 0)
        assert trouble(tmp_path, thorough=True) == []
    content = only(tmp_path).read_bytes()
    with only(tmp_path).open("r+b") as file:
        file.write(bytes(50))  # zeroed in place, while it is written to
    writer.close()
    keep(folder)
    assert [each.why for each in trouble(tmp_path)] == ["what it held is not what was written"]
    only(tmp_path).write_bytes(content)
    accept(tmp_path)
    assert trouble(tmp_path, thorough=True) == []


@pytest.mark.parametrize(
    ("act", "why"), [(Path.unlink, "it was deleted"), (lambda p: os.truncate(p, 5), "it was cut")]
)
def test_a_writer_misses_what_was_taken_since_the_last_look(
    tmp_path: Path, act: Callable[[Path], None], why: str
) -> None:
    """It knows how far it came: nothing of that is lost without a word."""
    writer = SegmentWriter(tmp_path / "decisions", "w0")
    writer.append(encode(decision("r0")))
    size = only(tmp_path).stat().st_size
    act(only(tmp_path))
    writer.append(encode(decision("r1")))
    [found] = trouble(tmp_path)
    assert found.why == f"{why} while it was written to: it had {size:,} bytes"
    assert [line for path in segments(tmp_path / "decisions") for _, line in whole_lines(path)] == [
        encode(decision("r1"))[:-1]
    ]
    assert accept(tmp_path)
    assert trouble(tmp_path) == []


def test_what_is_compacted_and_expires_is_not_missed(root: Path) -> None:
    """Segments go after their time, Parquet files too: in good order, without a word."""
    compact(root, Policy(least_bytes=0, wait=0, keep_segments=1e12))
    [part] = read_manifest(root / "decisions").parts
    assert set(read_sums(root / "decisions").files) == {only(root).name, part.name}
    compact(root, Policy(keep_segments=0), now=1e12)
    assert set(read_sums(root / "decisions").files) == {part.name}
    assert trouble(root, thorough=True) == []
    compact(root, Policy(keep=0), now=1e12)
    assert (trouble(root), read_sums(root / "decisions").files) == ([], {})


def test_a_parquet_file_that_is_lost_is_said(root: Path) -> None:
    """And a manifest that is deleted is written again, before anything counts as left over."""
    compact(root, AT_ONCE)
    compact(root, Policy(keep_segments=0), now=1e12)
    parts = read_manifest(root / "decisions").parts
    (root / "decisions" / MANIFEST).unlink()
    compact(root, AT_ONCE)
    assert read_manifest(root / "decisions").parts == parts
    assert trouble(root, thorough=True) == []
    (root / "decisions" / parts[0].name).unlink()
    [found] = trouble(root)
    assert found.why.startswith("is gone: it had ")
    assert accept(root)
    assert read_manifest(root / "decisions").parts == []


def test_without_manifest_and_sums_no_parquet_file_is_deleted(root: Path) -> None:
    compact(root, AT_ONCE)
    [part] = read_manifest(root / "decisions").parts
    for name in (MANIFEST, NAME):
        (root / "decisions" / name).unlink()
    compact(root, Policy(wait=1e9))
    assert (root / "decisions" / part.name).exists()


def test_a_damaged_segment_is_not_compacted(root: Path) -> None:
    """Its sums would be forgotten; and nothing is accepted while the log is being compacted."""
    os.truncate(only(root), 900)
    done = compact(root, AT_ONCE)["decisions"]
    assert (done.compacted, list(done.refused)) == ([], [only(root).name])
    with alone(root / "decisions"):
        assert not accept(root)
        assert compact(root)["decisions"].busy
    assert accept(root)
    whole = only(root).read_bytes().count(b"\n")
    assert compact(root, AT_ONCE)["decisions"].rows == whole


def test_damaged_sums_are_made_anew(root: Path) -> None:
    (root / "decisions" / NAME).write_text("{")
    assert trouble(root) == []
    keep(root / "decisions")
    assert set(read_sums(root / "decisions").files) == {only(root).name}
