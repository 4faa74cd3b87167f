"""`ballast experiment apply` as a person or a pipeline uses it."""

from __future__ import annotations

import json
from pathlib import Path

from bentos.control.experiments.compare_and_swap import ChangeError
from bentos.home.journal import decisions
from bentos.home.state import Home
from bentos.settings import settings
from experiments.assignment.assign import assign
from experiments.assignment.plan import compile_plan
from experiments.config.check import parse
from tests.bentos.commands.running import mistake, run, said
from tests.bentos.files import LIVE

ONE, TWO = LIVE % "@challenger", LIVE % "2"


def test_apply_shows_the_diff_swaps_and_waits(home: Home, tmp_path: Path) -> None:
    """A dry run first, then in earnest; the history has the name and the reason."""
    changed = tmp_path / "changed.yaml"
    changed.write_text(TWO)
    dry = said("experiment", "apply", changed, "--dry-run")
    assert (dry["epoch"], dry["units"], dry["sentences"][0][:4]) == (1, 50, f"{_half(home)}")
    assert settings().experiments.read_text() == ONE
    done = run("experiment", "apply", changed, "--why", "version 2 is ready", "--by", "ana", "--epoch", 1)
    assert done.exit_code == 0, done.output
    assert f"{parse(TWO).digest} is live: every worker serves epoch 2 after" in done.stdout
    assert "of 50 units get another model" in done.stdout
    [_, latest] = json.loads(run("experiment", "history", "--json").stdout)[-2:]
    assert (latest["digest"], latest["by"], latest["why"]) == (parse(TWO).digest, "ana", "version 2 is ready")
    shown = " ".join(run("experiment", "history").stdout.split())
    assert "version 2 is" in shown
    assert "ready (ana)" in shown


def _half(home: Home) -> str:
    """The share of the fifty units that are in the arm whose model changes, as the sentence begins."""
    plan = compile_plan(parse(ONE))
    moved = sum(assign(plan, f"viewer-{n}", {}, 0).arms[0].variant == "b" for n in range(50))
    return f"{100 * moved / 50:.1f}"


def test_apply_refuses(home: Home, tmp_path: Path) -> None:
    """Each mistake has its exit code and its sentence, and nothing changes."""
    changed, broken = tmp_path / "changed.yaml", tmp_path / "broken.yaml"
    changed.write_text(TWO)
    broken.write_text("version: 7\n")
    refused = run("experiment", "apply", broken, "--why", "w")
    assert (refused.exit_code, "broken.yaml:1: version: 7" in refused.stderr) == (1, True)
    assert (
        json.loads(run("experiment", "apply", broken, "--why", "w", "--json").stdout)["problems"][0]["line"]
        == 1
    )
    late = run("experiment", "apply", changed, "--why", "w", "--epoch", 7)
    assert (late.exit_code, "epoch: 1 is live, and the change was made against 7" in late.stderr) == (4, True)
    assert (
        json.loads(run("experiment", "apply", changed, "--why", "w", "--epoch", 7, "--json").stdout)["epoch"]
        == 1
    )
    assert run("experiment", "apply", changed).exit_code == 2
    for file, rule in (
        (settings().experiments, "is the live file itself"),
        (tmp_path / "no", "can't be read"),
    ):
        error = mistake("experiment", "apply", file, "--why", "w")
        assert isinstance(error, ChangeError)
        assert rule in str(error)
    assert settings().experiments.read_text() == ONE
    assert list(decisions(home)) == []
