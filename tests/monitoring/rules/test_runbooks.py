"""Each alert has its runbook, each runbook its alert, and what a runbook tells to type can be typed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from typer._click.exceptions import UsageError

from bentos.cli import app
from bentos.commands.lazy_command import Later
from tests.documents import ROOT
from tests.monitoring.rules.test_rules import RULES, rules

RUNBOOKS = ROOT / "docs" / "runbooks"
PAGES = sorted(RUNBOOKS.glob("Ballast*.md"))
PARTS = ["What it means", "What was done already", "What to look at", "How to clear it"]


def commands(page: Path) -> list[str]:
    """What stands in code and begins with `ballast`, in blocks and in sentences."""
    text = " ".join(page.read_text().splitlines()) + "\n" + page.read_text()
    return sorted({*re.findall(r"`(ballast [^`]+)`", text), *re.findall(r"^ballast .+$", text, re.MULTILINE)})


def parse(line: str) -> None:
    """Parse a command line as the command that it names does; raises where no command has these words."""
    words, command = shlex.split(line)[1:], real(typer.main.get_command(app))
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        command = real(command.commands[words.pop(0)])
    command.make_context(line, words)


def real(command: Any) -> Any:
    """The command itself, its module imported, with the commands of its group."""
    return command.command() if isinstance(command, Later) else command


def test_alerts_and_runbooks_are_one_to_one() -> None:
    """By the annotation, by the file's name, and in the index."""
    names = [rule["alert"] for rule in rules()]
    assert [rule["annotations"]["runbook"] for rule in rules()] == [
        f"docs/runbooks/{name}.md" for name in names
    ]
    assert [page.stem for page in PAGES] == sorted(names)
    index = re.findall(
        r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) ", (RUNBOOKS / "README.md").read_text(), re.MULTILINE
    )
    assert index == [(rule["alert"], rule["alert"], rule["labels"]["severity"]) for rule in rules()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_has_its_four_parts(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    assert all(len(part.strip()) > 20 for part in re.split(r"^##? .+$", text, flags=re.MULTILINE)[2:])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbooks_commands_are_understood(page: Path) -> None:
    """Each is parsed, options and arguments too, by the command that it names; none is run."""
    assert commands(page)
    for line in commands(page):
        parse(line)


@pytest.mark.parametrize("line", ["ballast guard clear 7 --soon", "ballast log chek", "ballast gate 7 8"])
def test_what_no_command_understands_is_found(line: str) -> None:
    """In the commands of a group too."""
    with pytest.raises((KeyError, UsageError)):
        parse(line)


@pytest.mark.skipif(
    shutil.which("amtool") is None, reason="amtool is not installed (Debian: prometheus-alertmanager)"
)
def test_amtool_agrees() -> None:
    """The Alertmanager's own reading of the file to begin with, and where each severity goes."""
    file = str(RULES / "alertmanager.yml")
    checked = subprocess.run(["amtool", "check-config", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for severity in ("page", "ticket"):
        route = ["amtool", "config", "routes", "test", f"--config.file={file}", f"severity={severity}"]
        assert (
            subprocess.run(route, capture_output=True, text=True, check=True).stdout.strip() == f"{severity}s"
        )


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: apt install prometheus)"
)
def test_promtool_agrees_with_the_configuration() -> None:
    file = str(RULES / "prometheus.yml")
    checked = subprocess.run(
        ["promtool", "check", "config", file], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
