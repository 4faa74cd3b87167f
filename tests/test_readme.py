"""README and docs say what exists: commands, files, and how long a README may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from bentos.cli import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _commands() -> set[str]:
    group = typer.main.get_command(app)
    found = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        found.add(name)
        found |= {f"{name} {inner}" for inner in getattr(command, "commands", {})}
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    """`ballast word` in code is a command, `ballast experiment word` a command of that group."""
    known = _commands()
    text = "\n".join(re.findall(r"`+[^`]+`+", page.read_text()))
    for group, inner in re.findall(r"\bballast ([a-z]+)(?: ([a-z]+))?", text):
        assert group in known, f"{page.name} names `ballast {group}`"
        if group == "experiment" and inner:
            assert f"experiment {inner}" in known, f"{page.name} names `ballast experiment {inner}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    """Links, and paths in code that begin with a folder of the project."""
    text = page.read_text()
    named = set(re.findall(r"`((?:bentos|models|experiments|monitoring|tests|docs)/[\w./-]+)`", text))
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link}
    missing = [path for path in named if not (ROOT / path).exists()]
    missing += [link for link in linked if not (page.parent / link).exists()]
    assert missing == []


def test_the_readme_is_short() -> None:
    """At most 150 lines."""
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
