"""What lies in a home is not imported: by its name, through a link, or by standing in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bentos.environment import ROOT

EVIL = "from pathlib import Path\nPath(__file__).with_name('ran').touch()\ndef f(): ...\n"


def attempt(module: str, home: Path, project: Path, cwd: Path | None = None) -> str:
    """The last line that Python says when a process with this home, and this folder to search, imports."""
    code = f"import sys; sys.path[:0] = ['', {str(ROOT)!r}, {str(project)!r}]; import bentos; import {module}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"BALLAST_HOME": str(home), "PATH": ""},
        cwd=cwd or project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stderr.strip().splitlines()[-1] if done.returncode else ""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with its home inside, as it is by default; a version lies there with code of its own."""
    version = tmp_path / "var" / "flights" / "versions" / "evil"
    (version / "pack").mkdir(parents=True)
    for file in (version / "evil.py", version / "pack" / "__init__.py", tmp_path / "var" / "__init__.py"):
        file.write_text(EVIL)
    (tmp_path / "link").symlink_to(version)
    (tmp_path / "linked.py").symlink_to(version / "evil.py")
    (tmp_path / "honest.py").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    "module",
    ["var", "var.flights.versions.evil.evil", "var.flights.versions.evil.pack", "link.evil", "linked"],
)
def test_what_lies_in_the_home_is_not_imported(project: Path, module: str) -> None:
    """Nothing of it runs, not even what lies on the way."""
    said = attempt(module, project / "var", project)
    assert said.startswith("bentos.import_guard.HomeImportError: "), said
    assert "nothing there is imported" in said
    assert not list(project.rglob("ran"))


def test_not_even_by_a_process_that_stands_there(project: Path) -> None:
    version = project / "var" / "flights" / "versions" / "evil"
    assert "HomeImportError: evil" in attempt("evil", project / "var", project, cwd=version)
    assert not list(project.rglob("ran"))


def test_what_lies_beside_the_home_is_imported(project: Path) -> None:
    """And everything where the project lies inside the home; the same code runs with another home."""
    assert attempt("honest", project / "var", project) == ""
    assert attempt("experiments", ROOT.parent, project) == ""
    assert attempt("linked", project / "elsewhere", project) == ""
    assert list(project.rglob("ran"))
