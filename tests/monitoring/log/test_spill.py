"""Room for a large analysis: one's own, gone afterwards, also where a process died."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from monitoring.log.spill import spill


def test_everyone_has_a_folder_of_their_own(tmp_path: Path) -> None:
    """Made where it lacks, and removed with all that is in it."""
    folder = tmp_path / "log" / "tmp"
    with spill(folder) as one, spill(folder) as other:
        assert one.parent == other.parent == folder
        assert one != other
        (one / "part").write_bytes(b"x" * 1000)
        assert other.is_dir()
    assert list(folder.iterdir()) == []


def test_an_error_inside_removes_it_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the analysis failed"), spill(tmp_path):
        raise RuntimeError("the analysis failed")
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """But nothing of a process that lives."""
    code = (
        "import os, sys; from pathlib import Path; from monitoring.log.spill import spill\n"
        "with spill(Path(sys.argv[1])) as own:\n"
        "    (own / 'part').write_bytes(b'x'); print(own.name, flush=True); sys.stdin.readline(); os._exit(9)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        left = tmp_path / process.stdout.readline().decode().strip()
        with spill(tmp_path):
            assert (left / "part").exists()
        process.stdin.write(b"die\n")
        process.stdin.flush()
        assert process.wait() == 9
    assert (left / "part").exists()
    with spill(tmp_path) as own:
        assert [path.name for path in tmp_path.iterdir()] == [own.name]
