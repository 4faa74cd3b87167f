"""The README's commands, on the running flights."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.documents import ROOT, blocks
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")

README = ROOT / "README.md"


def test_the_first_answer_is_as_shown(stack: Stack) -> None:
    """The request as it stands there: the answer has the fields that are shown, and three items."""
    [asked] = [block for block in blocks(README) if block.startswith("curl")]
    script = asked.replace("localhost:3000", f"localhost:{stack.port}")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    shown, answer = json.loads(blocks(README, "text")[0]), json.loads(done.stdout)
    assert list(answer) == list(shown)
    assert len(answer["items"]) == len(shown["items"]) == 3
    assert answer["fallback"] is None
    assert answer["unknown"] == []


def test_the_replay_prints_the_table_that_is_shown(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """One day of the thirty, on a terminal as wide as the README's."""
    monkeypatch.setenv("COLUMNS", "120")
    [replay] = [block for block in blocks(README) if block.startswith("ballast replay")]
    words = replay.replace("--days 30", "--days 1").split()[1:]
    done = stack.run(*words, timeout=200)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "0 fallbacks" in said
    for column in ("arm", "model", "explored", "decisions", "NDCG@10", "reward"):
        assert column in said


def test_the_commands_of_make_are_targets() -> None:
    """`make up` and `make test`, which run in other places."""
    [first] = [block for block in blocks(README) if block.startswith("make")]
    targets = (ROOT / "Makefile").read_text()
    for line in first.splitlines():
        name = line.split()[1]
        assert f"\n{name}:" in targets
