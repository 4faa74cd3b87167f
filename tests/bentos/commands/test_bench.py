"""`ballast bench` starts the measurement of a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.commands import bench
from tests.bentos.commands.running import run, told


def test_outside_a_checkout_it_says_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    done = run("bench")
    assert done.exit_code == 2
    assert "has no tests/bench: bench runs from a checkout" in told(done)


def test_options_and_the_exit_code_pass_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To and from a checkout whose bench writes what it was asked."""
    folder = tmp_path / "tests" / "bench"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()  # else the project's own folder of that name is imported
    (folder / "__init__.py").touch()
    (folder / "__main__.py").write_text(
        "import pathlib, sys; pathlib.Path('asked').write_text(' '.join(sys.argv[1:])); sys.exit(7)"
    )
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    assert run("bench", "--json", "--quick", "--out", tmp_path / "o").exit_code == 7
    assert (tmp_path / "asked").read_text() == f"--json --quick --out {tmp_path / 'o'}"
