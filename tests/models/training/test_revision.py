"""Which code made a version."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from models.training import revision as module
from models.training.revision import revision


def git(folder: Path, *words: str) -> str:
    own = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(["git", *own, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which the module seems to lie where it does here: models/training/revision.py."""
    file = tmp_path / "models" / "training" / "revision.py"
    file.parent.mkdir(parents=True)
    file.write_text("one")
    (tmp_path / "README").write_text("one")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    monkeypatch.setattr(module, "__file__", str(file))
    return tmp_path


def test_it_is_the_commit(checkout: Path) -> None:
    """Twelve digits; a file that is not of the models, or not of the repository, changes nothing."""
    commit = git(checkout, "rev-parse", "--short=12", "HEAD")
    (checkout / "README").write_text("two")
    (checkout / "models" / "notes").write_text("untracked")
    assert revision() == commit
    assert len(commit) == 12


def test_a_change_that_is_not_committed_is_marked(checkout: Path) -> None:
    """Anywhere among the models: another file of training, or the engine's."""
    (checkout / "models" / "training" / "revision.py").write_text("two")
    assert revision() == f"{git(checkout, 'rev-parse', '--short=12', 'HEAD')}+"


def test_without_a_repository_it_is_the_installed_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor with git itself missing."""
    file = tmp_path / "models" / "training" / "revision.py"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(module, "__file__", str(file))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert revision() == version("ballast")
    monkeypatch.setenv("PATH", "")
    assert revision() == version("ballast")
