"""Leases: who opens a file for writing waits until it is given back; what can't have one goes without."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from bentos.worker.leases import Leases
from tests.bentos.worker.writing import writer


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of 1,000 bytes."""
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        path.write_bytes(b"x" * 1000)
    return paths


def open_files() -> int:
    """How many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_who_writes_waits_until_the_lease_is_given_back(files: list[Path]) -> None:
    """And is seen waiting."""
    leases = Leases()
    leases.hold(files)
    assert (leases.files, leases.wanted()) == (frozenset(files), [])
    with writer(files[0], "cut") as process:
        assert process.poll() is None
        assert files[0].stat().st_size == 1000
        assert leases.wanted() == [files[0]]
        leases.hold(())
        assert process.wait(10) == 0
    assert files[0].stat().st_size == 200
    assert leases.files == frozenset()


def test_reading_renaming_and_removing_need_no_end_of_a_lease(files: list[Path]) -> None:
    """They harm nobody who has the file open."""
    leases = Leases()
    leases.hold(files)
    assert files[0].read_bytes() == b"x" * 1000
    files[0].rename(files[0].with_name("elsewhere"))
    files[1].unlink()
    assert leases.wanted() == []
    leases.hold(())


def test_what_is_held_is_what_was_asked_for_last(files: list[Path]) -> None:
    """The others are given back: nobody waits for them."""
    leases = Leases()
    leases.hold(files)
    leases.hold(files[1:])
    assert leases.files == {files[1]}
    with writer(files[0], "cut") as process:
        assert process.wait(10) == 0
    before = open_files()
    leases.hold(())
    assert open_files() == before - 1


def test_a_file_that_is_being_written_has_no_lease(files: list[Path]) -> None:
    """The error names it, and what was held stays held."""
    leases = Leases()
    leases.hold(files[:1])
    before = open_files()
    said = f"somebody has it open for writing: '{re.escape(str(files[1]))}'"
    with (
        files[1].open("r+b"),
        pytest.raises(BlockingIOError, match=said),
    ):
        leases.hold(files)
    assert leases.files == {files[0]}
    assert open_files() == before
    leases.hold(())


def test_a_file_that_can_have_none_goes_without(files: list[Path], caplog: pytest.LogCaptureFixture) -> None:
    """Said once, however many there are."""
    leases = Leases()
    with caplog.at_level(logging.WARNING):
        leases.hold([Path("/dev/null"), Path("/dev/zero"), files[0]])
        leases.hold([Path("/dev/null"), files[0]])
    assert leases.files == {files[0]}
    [said] = caplog.messages
    assert said.startswith("/dev/null: no lease is to be had on it: ")
    leases.hold(())
