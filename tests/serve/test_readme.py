"""The README's commands, on the running flights."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.documents import ROOT, blocks
from tests.serve.stack import Stack

pytestmark = pytest.mark.shares("serve")

README = ROOT / "README.md"


def test_the_first_answer_has_the_form_that_is_shown(stack: Stack) -> None:
    """The request as it stands there: the answer has the fields that are shown, and three items."""
    shown, answer = _shown(), _answered(stack)
    assert list(answer) == list(shown)
    assert len(answer["items"]) == len(shown["items"]) == 3
    assert answer["fallback"] is None
    assert answer["unknown"] == []


@pytest.mark.slow
def test_the_first_answer_is_the_one_that_is_shown(tmp_path: Path) -> None:
    """The declared ranker with all its trees, from an empty home: items and scores to the last digit."""
    live = tmp_path / "live.yaml"
    shutil.copy(ROOT / "experiments" / "live.yaml", live)
    started = Stack(tmp_path / "home", ranker=ROOT / "models" / "ranker.toml", experiments=live)
    started.start()
    try:
        started.wait_for("all workers serve both versions", lambda: _serves_both(started.status()), 120)
        answer = _answered(started)
    finally:
        started.stop()
    assert answer | {"request_id": ""} == _shown() | {"request_id": ""}


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


def _serves_both(status: dict[str, Any]) -> bool:
    state = status["state"]
    return bool(state and len(state["versions"]) == 2 and status["acknowledged"])


def _shown() -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(blocks(README, "text")[0])
    return shown


def _answered(stack: Stack) -> dict[str, Any]:
    [asked] = [block for block in blocks(README) if block.startswith("curl")]
    script = asked.replace("localhost:3000", f"localhost:{stack.port}")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
