"""`ballast export` of a log without explored answers. (With them: tests of the slice, and tests/serve.)"""

from __future__ import annotations

from pathlib import Path

from bentos.home.state import Home
from tests.bentos.commands.running import mistake, run, told


def test_a_log_without_explored_answers_is_refused(empty: Home, tmp_path: Path) -> None:
    """And no file is left behind."""
    file = tmp_path / "slice.parquet"
    assert "none of 0 explored decisions can be exported" in str(mistake("export", "--slice", file))
    assert not file.exists()


def test_a_file_must_be_named(empty: Home) -> None:
    assert "Missing option '--slice'" in told(run("export"))
