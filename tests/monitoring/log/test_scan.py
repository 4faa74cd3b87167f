"""Segments line by line: offsets are right, unfinished lines wait, and ids are read without decoding."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.log import scan
from monitoring.log.record import encode
from monitoring.log.scan import id_hash, line_at, whole_end, whole_lines
from tests.monitoring.records import decision


def written(folder: Path, content: bytes) -> Path:
    path = folder / "segment.jsonl"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("chunk", [1, 2, 7, 1000])
def test_lines_and_their_offsets(tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the chunks that are read end; the last line waits for its newline; empty lines are lines."""
    monkeypatch.setattr(scan, "_CHUNK", chunk)
    segment = written(tmp_path, b"first\n\nthird line\nnot yet who")
    assert list(whole_lines(segment)) == [(0, b"first"), (6, b""), (7, b"third line")]
    assert list(whole_lines(segment, 6)) == [(6, b""), (7, b"third line")]
    assert list(whole_lines(segment, 18)) == []


@pytest.mark.parametrize("length", [1, 3, 64])
def test_a_line_is_read_where_it_begins(tmp_path: Path, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In as many steps as it takes; the last one also without its newline."""
    monkeypatch.setattr(scan, "_LINE", length)
    segment = written(tmp_path, b"first\nsecond line\nthe last")
    assert [line_at(segment, offset) for offset in (0, 6, 18)] == [b"first", b"second line", b"the last"]
    assert line_at(segment, 1000) == b""


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_the_hash_of_a_line_is_that_of_its_id(request_id: str) -> None:
    """With and without escapes, which are decoded only where there are any."""
    assert scan._line_hash(encode(decision(request_id))) == id_hash(request_id)


def test_ids_are_hashed_alike_in_every_process() -> None:
    """The tables on disk hold these numbers; half a surrogate has one too."""
    assert id_hash("r1") == 0x30BD695B0C8ADD83
    assert id_hash("größe") == 0xE99A32C955E1F8F4
    assert 0 <= id_hash("\ud800") < 2**64


def test_what_is_no_record_has_no_hash(tmp_path: Path) -> None:
    """Junk, a torn line, another JSON object; the lines around them are found."""
    good = encode(decision("r1")).rstrip()
    lines = [b"junk", good[:8], b'{"time": 3}', b'{"request_id":"open', b'{"request_id":"a\\q"}', good]
    found = list(scan.scan(written(tmp_path, b"\n".join(lines) + b"\n")))
    assert [key for key, _, _ in found] == [-1, -1, -1, -1, -1, id_hash("r1")]
    ends = [end for _, _, end in found]
    assert [offset for _, offset, _ in found] == [0, *ends[:-1]]


@pytest.mark.parametrize("torn", [0, 5, 70_000, 200_000])
def test_the_end_of_the_last_whole_line_is_found_from_behind(tmp_path: Path, torn: int) -> None:
    """However long the line is that somebody has begun, and where there is none."""
    path = tmp_path / "segment.jsonl"
    path.write_bytes(b"x" * torn)
    assert whole_end(path) == 0
    path.write_bytes(b"one\ntwo\n" + b"x" * torn)
    assert whole_end(path) == 8
