"""What libraries find in the environment when they are imported."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bentos.environment import COLLECTION, ROOT, prepare_libraries

VARIABLES = ("NUMBA_CACHE_DIR", "BENTOML_DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY", "MIMALLOC_PURGE_DELAY")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process; everything is put back afterwards."""
    for name in (*VARIABLES, "BALLAST_HOME"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_the_root_is_the_project_s() -> None:
    assert (ROOT / "pyproject.toml").is_file()


def test_compiled_code_is_kept_with_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this project where no home is set; "~" is a user's folder."""
    prepare_libraries()
    assert os.environ["NUMBA_CACHE_DIR"] == str(ROOT / "var" / "numba")
    for home, folder in ((str(tmp_path), tmp_path), ("~/b", Path.home() / "b"), ("h", Path.cwd() / "h")):
        monkeypatch.delenv("NUMBA_CACHE_DIR")
        monkeypatch.setenv("BALLAST_HOME", home)
        prepare_libraries()
        assert os.environ["NUMBA_CACHE_DIR"] == str(folder / "numba")


def test_nothing_calls_home() -> None:
    prepare_libraries()
    assert [os.environ[name] for name in VARIABLES[1:3]] == ["true", "true"]


def test_catboost_gives_back_what_it_frees() -> None:
    """Its allocator keeps it otherwise: as much again as a large table, after a fit."""
    prepare_libraries()
    assert os.environ["MIMALLOC_PURGE_DELAY"] == "0"


def test_what_is_set_already_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "mine")
    prepare_libraries()
    assert {os.environ[name] for name in VARIABLES} == {"mine"}


def test_any_import_of_the_folder_prepares_them(tmp_path: Path) -> None:
    """Before anything in it can import a library."""
    done = subprocess.run(
        [sys.executable, "-c", "import bentos, os; print(os.environ['NUMBA_CACHE_DIR'])"],
        env={**os.environ, "BALLAST_HOME": str(tmp_path)},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{tmp_path / 'numba'}\n"


def test_what_is_written_is_for_this_user_alone(tmp_path: Path) -> None:
    """A home that an earlier release left open is closed; one that is everybody's is left alone."""
    for name, before, after in (("old", 0o755, 0o700), ("shared", 0o1777, 0o1777)):
        home = tmp_path / name
        home.mkdir()
        home.chmod(before)
        made = f"open({str(home / 'state')!r}, 'w'); os.mkdir({str(home / 'log')!r})"
        subprocess.run(
            [sys.executable, "-c", f"import bentos, os; {made}"],
            env={**os.environ, "BALLAST_HOME": str(home)},
            cwd=ROOT,
            check=True,
        )
        assert home.stat().st_mode & 0o7777 == after
        assert (home / "state").stat().st_mode & 0o777 == 0o600
        assert (home / "log").stat().st_mode & 0o777 == 0o700


def test_cycles_are_looked_for_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import allocates a million objects that stay."""
    before = gc.get_threshold()
    monkeypatch.setattr(gc, "set_threshold", lambda *rounds: seen.append(rounds))
    seen: list[tuple[int, ...]] = []
    prepare_libraries()
    assert seen == [COLLECTION]
    assert before == COLLECTION, "`import bentos` prepares"
