"""The tutorial and the recipes, run as a reader would: every block of commands, in order, in one shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import ROOT, blocks
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("own")

TUTORIAL, RECIPES = ROOT / "docs" / "tutorial.md", ROOT / "docs" / "recipes.md"
START = "ballast up\n"
SAID = {  # what a reader sees after a line that begins so ("$": and ends so)
    "head -3": "s0000,2026-03-01T09:19",
    "ballast status": "@champion = ",
    "curl -s localhost:3000/rank": '"request_id":"mine-1"',
    "curl -s localhost:3000/feedback": "accepted",
    "ballast replay": "decisions and 4,720 outcomes",
    "ballast gate 3": "searches version 3: pass",
    "ballast promote 3": "version 3 is champion, and serves on every worker",
    "ballast experiment apply": "is live: every worker serves",
    "ballast experiment analyze challenger": "ndcg_10",
    "ballast drift --from 2026-03-14$": "columns drifted",
    "ballast drift --from 2026-03-14 --json$": '"too_little": []',
    "ballast rollback": "version 1 is champion",
    "tail -n 3": '"event": "promoted"',
    "ballast gate 4": "searches version 4: pass",
    "ballast override 5": "version 5 may serve until",
    "ballast experiment stop challenger": "challenger",
    "ballast experiment power --table": "units",
    "ballast export": "rows",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """What the tutorial's first terminal starts: not started yet."""
    home = tmp_path_factory.mktemp("tutorial")
    searches = ROOT / "docs" / "tutorial" / "searches.toml"
    stack = Stack(home, searches, home / "live.yaml", {"BALLAST_WORKERS": "1"})
    yield stack
    stack.stop()


def _run(stack: Stack, block: str) -> str:
    """A block in bash, with this test's folder and port for the reader's; what it printed."""
    script = block.replace("var/tutorial", str(stack.home)).replace(
        "localhost:3000", f"localhost:{stack.port}"
    )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={**stack.env, "PATH": path, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    *_, last = block.strip().splitlines()
    fine = (0, 1) if last.startswith("ballast experiment analyze") else (0,)  # 1: it can't say
    assert done.returncode in fine, f"{block}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("page", [TUTORIAL, RECIPES], ids=lambda page: page.stem)
def test_every_block_runs(stack: Stack, page: Path) -> None:
    """And says what the page says it says."""
    for block in blocks(page):
        if block.endswith(START):
            _run(stack, block.removesuffix(START))
            stack.start()
            continue
        said = _run(stack, block)
        for command, words in SAID.items():
            line = re.escape(command.removesuffix("$")) + ("$" if command.endswith("$") else "")
            if re.search(rf"^{line}", block, re.MULTILINE):
                assert words in said, f"{command}\n{said}"


def test_the_declaration_is_the_file() -> None:
    """The tutorial shows all of docs/tutorial/searches.toml."""
    [shown] = blocks(TUTORIAL, "toml")
    assert shown == (ROOT / "docs" / "tutorial" / "searches.toml").read_text(encoding="utf-8")


def test_the_table_is_what_its_script_makes() -> None:
    """docs/tutorial/searches.csv can be made again."""
    folder = ROOT / "docs" / "tutorial"
    made = subprocess.run(
        [sys.executable, folder / "searches.py"], capture_output=True, text=True, check=True
    )
    assert made.stdout == (folder / "searches.csv").read_text(encoding="utf-8")
