"""Whether a log can be written: by writing, on a disk that is really full where one can be mounted."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitoring.log import room
from monitoring.log.record import encode
from monitoring.log.room import ROOM, why_no_room
from monitoring.log.segments import LogUnavailable, SegmentWriter
from tests.monitoring.records import decision


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def until_full(writer: SegmentWriter) -> None:
    for number in range(10_000):
        writer.append(encode(decision(f"r{number}")))


def test_there_is_room_and_nothing_is_left(tmp_path: Path) -> None:
    """Also in a folder that is not there yet."""
    assert why_no_room(tmp_path) is None
    assert why_no_room(tmp_path / "later") is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_is_over_by_itself(small_disk: Path) -> None:
    """A line that was cut is ended without a next record; then there is room again."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(180_000))
    writer = SegmentWriter(small_disk / "log", "w")
    with pytest.raises(LogUnavailable):
        until_full(writer)
    said = why_no_room(small_disk / "log")
    assert said is not None
    assert "cannot be written: No space left on device" in said
    assert "make room there, and it goes on by itself" in said
    ballast.unlink()
    writer.try_again()
    assert why_no_room(small_disk / "log") is None
    writer.append(encode(decision("after")))
    writer.close()


@pytest.mark.parametrize("short", [0, ROOM - 1])
def test_a_short_write_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short: int) -> None:
    """However the kernel says it."""
    monkeypatch.setattr(os, "write", lambda _file, _bytes: short)
    assert "No space left on device" in str(why_no_room(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_each_error_has_its_remedy(tmp_path: Path) -> None:
    for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
        assert room._MEND[number] in room.sentence(tmp_path, OSError(number, "why"))
    assert "look at its disk" in room.sentence(tmp_path, OSError(errno.EIO, "why"))
