"""Which code this is: the commit where there is one, else the installed version."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def revision() -> str:
    """ "a1b2c3d4e5f6", with "+" where the working tree has changes that are not committed; or "0.1.0"."""
    folder = Path(__file__).parents[1]
    commit = _git(folder, "rev-parse", "--short=12", "HEAD")
    if commit:
        return commit + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no", ".") else "")
    try:
        return version("ballast")
    except PackageNotFoundError:
        return "unknown"


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            ["git", *words],  # noqa: S607 - git is where the user's PATH says
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
