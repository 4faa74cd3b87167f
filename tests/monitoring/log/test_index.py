"""A decision is found by its request id: at once, over all workers, and the last one of an id."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from monitoring.log.index import DecisionIndex
from monitoring.log.offsets import table_path
from monitoring.log.record import encode
from monitoring.log.scan import scan
from monitoring.log.segments import SegmentWriter, segments
from tests.monitoring.log.test_segments import APPENDER, start, wait_for
from tests.monitoring.records import decision, write_decisions


def test_a_decision_is_found_as_soon_as_it_is_appended(tmp_path: Path) -> None:
    """Feedback may follow an answer within a millisecond, and reach another worker."""
    writers = [SegmentWriter(tmp_path, f"w{k}", rotate_bytes=20_000) for k in range(3)]
    index = DecisionIndex(tmp_path)
    assert index.find("r0") is None
    for k in range(300):
        writers[k % 3].append(encode(decision(f"r{k}", 1 + k % 5)))
        found = index.find(f"r{k}")
        assert found is not None
        assert (found.request_id, len(found.candidates)) == (f"r{k}", 1 + k % 5)
    assert all(index.find(f"r{k}") is not None for k in range(300))
    assert index.find("r300") is None
    for writer in writers:
        writer.close()


@pytest.mark.parametrize("closed", [False, True], ids=["live", "closed"])
def test_the_last_record_of_an_id_counts(tmp_path: Path, closed: bool) -> None:
    """A request sent twice with one id was answered twice; what the client has last is what counts."""
    writers = [SegmentWriter(tmp_path, name) for name in ("w0", "w1")]
    order = [(0, 5.0, "flights/1"), (1, 7.0, "flights/2"), (0, 9.0, "flights/3"), (1, 8.0, "flights/4")]
    for worker, received, model in order:
        writers[worker].append(encode(decision("again", received=received, model=model)))
    writers[0].append(encode(decision("tie", received=3.0, model="flights/5")))
    writers[0].append(encode(decision("tie", received=3.0, model="flights/6")))
    if closed:
        for writer in writers:
            writer.close()
    index = DecisionIndex(tmp_path)
    assert [index.find(request).model for request in ("again", "tie")] == ["flights/3", "flights/6"]


@pytest.mark.parametrize("request_id", ["", "ä€𝄞", 'quo"te', "back\\slash", "new\nline", "a" * 5000, "\x00"])
def test_any_text_is_an_id(tmp_path: Path, request_id: str) -> None:
    """Ids come from clients; what JSON escapes must be found all the same."""
    write_decisions(tmp_path, decision("other"), decision(request_id))
    assert DecisionIndex(tmp_path / "decisions").find(request_id).request_id == request_id


def test_an_id_of_half_a_surrogate_is_only_not_found(tmp_path: Path) -> None:
    assert DecisionIndex(tmp_path).find("\ud800") is None


def test_torn_lines_and_junk_hide_nothing(tmp_path: Path) -> None:
    """A torn line of an id does not stand before the whole one, and no junk stops the reading."""
    whole = encode(decision("r1", 40))
    path = tmp_path / "00000000000000000001-w0-1-aaaaaa.jsonl"
    newer = whole.replace(b'"v":1', b'"v":2')
    path.write_bytes(
        whole + whole[:900] + b"\n" + b"\xff\x00junk\n\n[1]\n" + newer + encode(decision("r2"))[:-1]
    )
    index = DecisionIndex(tmp_path)
    assert len(index.find("r1").candidates) == 40
    assert index.find("r2") is None, "a line without its end is not whole"


def test_a_closed_segment_keeps_its_table_for_all_workers(tmp_path: Path) -> None:
    """Written once, sorted, memory-mapped by the next worker, and rebuilt where it is damaged."""
    write_decisions(tmp_path, *(decision(f"r{k}") for k in range(50)))
    folder = tmp_path / "decisions"
    assert DecisionIndex(folder).find("r7") is not None
    (segment,) = segments(folder)
    table = np.load(table_path(segment), mmap_mode="r")
    assert table.shape == (2, 50)
    assert np.all(np.diff(table[0].astype(object)) > 0)
    assert sorted(table[1].tolist()) == [offset for _, offset, _ in scan(segment)]
    for damage in (b"", b"junk", table_path(segment).read_bytes()[:300]):
        table_path(segment).write_bytes(damage)
        assert DecisionIndex(folder).find("r49") is not None, damage
    assert np.load(table_path(segment)).shape == (2, 50)


def test_many_lines_of_one_segment_are_all_found(tmp_path: Path) -> None:
    """A full segment has some tens of thousands; a repeated id is found by its last line among them."""
    line = encode(decision("r00000", 1))
    path = tmp_path / "00000000000000000001-w0-1-aaaaaa.jsonl"
    lines = [line.replace(b"r00000", b"r%05d" % (k % 39_000)) for k in range(40_000)]
    lines[-1] = lines[-1].replace(b"flights/7", b"flights/8")
    path.write_bytes(b"".join(lines))
    for _ in range(2):  # as it is first read, and from its table
        index = DecisionIndex(tmp_path)
        assert all(index.find(f"r{k:05d}") is not None for k in range(0, 39_000, 997))
        assert index.find("r39000") is None
        assert index.find("r00999").model == "flights/8"
        assert index.find("r00998").model == "flights/7"


def test_reads_only_what_is_new(tmp_path: Path) -> None:
    """Following a live segment costs what was appended, not what is there."""
    writer = SegmentWriter(tmp_path, "w0")
    for k in range(2000):
        writer.append(encode(decision(f"r{k}", 20)))
    index = DecisionIndex(tmp_path)
    assert index.find("r0") is not None
    before = bytes_read()
    writer.append(encode(decision("new", 20)))
    assert index.find("new") is not None
    size = segments(tmp_path)[0].stat().st_size
    assert bytes_read() - before < size / 10
    writer.close()


def bytes_read() -> int:
    """Bytes this thread's process has asked files for, from the kernel's own count."""
    text = Path(f"/proc/{os.getpid()}/io").read_text()
    return int(text.split("rchar: ")[1].split()[0])


def test_segments_that_are_deleted_are_forgotten(tmp_path: Path) -> None:
    """Retention removes files under a running worker; that is not an error."""
    write_decisions(tmp_path, decision("old"))
    folder = tmp_path / "decisions"
    index = DecisionIndex(folder)
    assert index.find("old") is not None
    segments(folder)[0].unlink()
    assert index.find("old") is None
    write_decisions(tmp_path, decision("new"))
    assert index.find("new") is not None


def test_threads_share_an_index_while_others_write(tmp_path: Path) -> None:
    """Feedback is handled in threads, beside processes that append and rotate."""
    children = [start(APPENDER, str(tmp_path), name) for name in ("wa", "wb")]
    index = DecisionIndex(tmp_path)
    missing: list[str] = []

    def search() -> None:
        wanted = [f"{name}-{k}" for k in range(200) for name in ("wa", "wb")]
        missing.extend(request for request in wanted if index.find(request) is None)

    try:
        assert wait_for(lambda: index.find("wa-200") and index.find("wb-200"))
        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for child in children:
            child.kill()
            child.wait()
    assert missing == []


def test_a_table_cut_short_is_made_again(tmp_path: Path) -> None:
    """While it is in use: every record is found as before, and the table is whole again."""
    writer = SegmentWriter(tmp_path, "w0")
    for k in range(50):
        writer.append(encode(decision(f"r{k}")))
    writer.close()
    index = DecisionIndex(tmp_path)
    assert index.find("r7") is not None
    [segment] = segments(tmp_path)
    whole = table_path(segment).read_bytes()
    os.truncate(table_path(segment), len(whole) // 2)
    assert all(index.find(f"r{k}") is not None for k in range(50))
    assert table_path(segment).read_bytes() == whole


def test_what_is_answered_after_a_segment_was_cut_is_found(tmp_path: Path) -> None:
    """Somebody takes half of a segment away while it is written to: what comes then goes elsewhere."""
    writer, index = SegmentWriter(tmp_path, "w0"), DecisionIndex(tmp_path)
    for number in range(20):
        writer.append(encode(decision(f"r{number}")))
    assert index.find("r19") is not None
    [segment] = segments(tmp_path)
    os.truncate(segment, segment.stat().st_size // 2)
    writer.append(encode(decision("after")))
    assert index.find("after") is not None
    assert index.find("r0") is not None
    assert index.find("r19") is None
