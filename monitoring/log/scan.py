"""Reading segments line by line, and the id of a record without decoding the rest of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from monitoring.log.record import RecordError, request_id_of

_CHUNK = 4 * 1024 * 1024
_LINE = 64 * 1024  # a record of some hundred candidates is read at once
_PREFIX = b'{"request_id":"'


def id_hash(request_id: str) -> int:
    """64 bits that are the same in every process; equal hashes are told apart by reading the record."""
    return _hash(request_id.encode("utf-8", "surrogatepass"))


def whole_lines(segment: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """(offset, line without its newline) from `start` on; the last one waits until it has a newline."""
    with segment.open("rb", buffering=0) as file:
        file.seek(start)
        rest, offset = b"", start
        while chunk := file.read(_CHUNK):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            for line in lines:
                yield offset, line
                offset += len(line) + 1


def scan(segment: Path, start: int = 0) -> Iterator[tuple[int, int, int]]:
    """(hash of the request id, offset, end) of each whole line from `start` on; -1 where it is no record."""
    for offset, line in whole_lines(segment, start):
        yield _line_hash(line), offset, offset + len(line) + 1


def whole_end(segment: Path) -> int:
    """Where the last whole line of `segment` ends, read from its end: what comes later begins there."""
    with segment.open("rb", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - _LINE)
            last = os.pread(file.fileno(), end - start, start).rfind(b"\n")
            if last >= 0:
                return start + last + 1
            end = start
    return 0


def line_at(segment: Path, offset: int) -> bytes:
    """The line that begins at `offset`, without its newline."""
    file = os.open(segment, os.O_RDONLY | os.O_CLOEXEC)
    try:
        line = b""
        while part := os.pread(file, _LINE, offset + len(line)):
            head, newline, _ = part.partition(b"\n")
            line += head
            if newline:
                break
        return line
    finally:
        os.close(file)


def _line_hash(line: bytes) -> int:
    if not line.startswith(_PREFIX):
        return -1
    quote = line.find(b'"', len(_PREFIX))
    if quote < 0:
        return -1
    if line.find(b"\\", len(_PREFIX), quote) < 0:
        return _hash(line[len(_PREFIX) : quote])
    try:
        return id_hash(request_id_of(line))
    except RecordError:
        return -1


def _hash(text: bytes) -> int:
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
