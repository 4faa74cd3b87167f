"""What is followed comes once, whole, and from all workers."""

from __future__ import annotations

from pathlib import Path

from monitoring.log.record import decode, decode_outcome, encode
from monitoring.log.segments import SegmentWriter, segments
from monitoring.log.tail import LogTail
from tests.monitoring.log.test_index import bytes_read
from tests.monitoring.log.test_segments import APPENDER, lines_of, start, wait_for
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes


def test_only_what_is_new_comes_and_only_once(tmp_path: Path) -> None:
    """Also from a segment that was there before, and from workers that come later."""
    folder = tmp_path / "decisions"
    write_decisions(tmp_path, decision("old"))
    writers = [SegmentWriter(folder, "w0", rotate_bytes=2500)]
    writers[0].append(encode(decision("before")))
    follow = LogTail(folder, decode)
    everything = LogTail(folder, decode, from_now=False)
    assert follow.new() == []
    writers.append(SegmentWriter(folder, "w1"))
    for k in range(20):
        writers[k % 2].append(encode(decision(f"r{k}")))
    assert sorted(each.request_id for each in follow.new()) == sorted(f"r{k}" for k in range(20))
    assert follow.new() == []
    writers[0].append(encode(decision("last")))
    assert [each.request_id for each in follow.new()] == ["last"]
    assert {each.request_id for each in everything.new()} == {"old", "before", "last"} | {
        f"r{k}" for k in range(20)
    }
    for writer in writers:
        writer.close()


def test_a_line_comes_when_it_is_whole_and_torn_ones_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "00000000000000000001-w0-1-aaaaaa.jsonl"
    line = encode(decision("r0"))
    path.write_bytes(line[:50] + b"\n")
    follow = LogTail(tmp_path, decode, from_now=False)
    with SegmentLock(path):
        assert follow.new() == []
        assert follow.unreadable == 1
        with path.open("ab") as file:
            file.write(line[:70])
            file.flush()
            assert follow.new() == []
            file.write(line[70:])
        assert [each.request_id for each in follow.new()] == ["r0"]
        assert follow.unreadable == 1


class SegmentLock:
    """Holds the lock of a segment's writer, as a live worker does."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        import fcntl

        self._file = self._path.open("ab")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def test_outcomes_are_followed_alike(tmp_path: Path) -> None:
    follow = LogTail(tmp_path / "outcomes", decode_outcome)
    write_outcomes(tmp_path, outcome("r0", "a", 1.0), outcome("r0", "b", 0.0))
    assert [each.item for each in follow.new()] == ["a", "b"]


def test_a_deleted_segment_is_no_error(tmp_path: Path) -> None:
    write_decisions(tmp_path, decision("r0"))
    folder = tmp_path / "decisions"
    follow = LogTail(folder, decode, from_now=False)
    segments(folder)[0].unlink()
    assert follow.new() == []
    write_decisions(tmp_path, decision("r1"))
    assert [each.request_id for each in follow.new()] == ["r1"]


def test_nothing_is_missed_or_doubled_beside_workers_that_die(tmp_path: Path) -> None:
    """Two processes append and rotate while being followed, and are killed."""
    follow = LogTail(tmp_path, decode)
    children = [start(APPENDER, str(tmp_path), name) for name in ("wa", "wb")]
    seen: list[str] = []

    def enough() -> bool:
        seen.extend(each.request_id for each in follow.new())
        return len(seen) > 3000 and len(segments(tmp_path)) > 6

    try:
        assert wait_for(enough)
    finally:
        for child in children:
            child.kill()
            child.wait()
    seen.extend(each.request_id for each in follow.new())
    assert len(seen) == len(set(seen))
    assert sorted(seen) == sorted(lines_of(tmp_path))


def test_beginning_now_reads_no_more_of_a_long_log(tmp_path: Path) -> None:
    """Closed segments are not opened for reading, and of a live one only its end is."""
    line = encode(decision("old", 20))
    for number in range(5):
        (tmp_path / f"{number:020d}-w0-1-aaaaaa.jsonl").write_bytes(line * 2000)
    live = tmp_path / "00000000000000000009-w1-1-aaaaaa.jsonl"
    live.write_bytes(line * 2000 + line[:40])
    with SegmentLock(live):
        before = bytes_read()
        follow = LogTail(tmp_path, decode)
        assert bytes_read() - before < 200_000
        assert follow.new() == []
        with live.open("ab") as file:
            file.write(line[40:] + encode(decision("new")))
        assert [each.request_id for each in follow.new()] == ["old", "new"], "a line begun before is new"
