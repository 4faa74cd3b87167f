"""`ballast experiment apply`, `stop` and `history` as a person or a pipeline uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bentos.cli import app
from bentos.control.experiments.compare_and_swap import ChangeError
from bentos.home.journal import decisions
from bentos.home.state import Home, read_state
from bentos.settings import settings
from experiments.config.check import parse
from tests.bentos.files import LIVE
from tests.bentos.worker.following import deployment, serve

ONE, TWO = LIVE % "@challenger", LIVE % "2"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with deployment(tmp_path, ONE) as home:
        serve(home, 50)
        yield home


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["experiment", *map(str, arguments)])


def said(*arguments: object) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_apply_shows_the_diff_swaps_and_waits(home: Home, tmp_path: Path) -> None:
    """A dry run first, then in earnest; the history has the name and the reason."""
    changed = tmp_path / "changed.yaml"
    changed.write_text(TWO)
    dry = said("apply", changed, "--dry-run")
    assert (dry["epoch"], dry["units"], dry["sentences"][0][:4]) == (1, 50, f"{_half(home)}")
    assert settings().experiments.read_text() == ONE
    done = run("apply", changed, "--why", "version 2 is ready", "--by", "ana", "--epoch", 1)
    assert done.exit_code == 0, done.output
    assert f"{parse(TWO).digest} is live: every worker serves epoch 2 after" in done.stdout
    assert "of 50 units get another model" in done.stdout
    [_, latest] = json.loads(run("history", "--json").stdout)[-2:]
    assert (latest["digest"], latest["by"], latest["why"]) == (parse(TWO).digest, "ana", "version 2 is ready")
    assert "version 2 is ready" in run("history").stdout


def _half(home: Home) -> str:
    """The share of the fifty units that are in the arm whose model changes, as the sentence begins."""
    from experiments.assignment.assign import assign
    from experiments.assignment.plan import compile_plan

    plan = compile_plan(parse(ONE))
    moved = sum(assign(plan, f"viewer-{n}", {}, 0).arms[0].variant == "b" for n in range(50))
    return f"{100 * moved / 50:.1f}"


def test_apply_refuses(home: Home, tmp_path: Path) -> None:
    """Each mistake has its exit code and its sentence, and nothing changes."""
    changed, broken = tmp_path / "changed.yaml", tmp_path / "broken.yaml"
    changed.write_text(TWO)
    broken.write_text("version: 7\n")
    refused = run("apply", broken, "--why", "w")
    assert (refused.exit_code, "broken.yaml:1: version: 7" in refused.stderr) == (1, True)
    assert json.loads(run("apply", broken, "--why", "w", "--json").stdout)["problems"][0]["line"] == 1
    late = run("apply", changed, "--why", "w", "--epoch", 7)
    assert (late.exit_code, "epoch: 1 is live, and the change was made against 7" in late.stderr) == (4, True)
    assert json.loads(run("apply", changed, "--why", "w", "--epoch", 7, "--json").stdout)["epoch"] == 1
    assert run("apply", changed).exit_code == 2
    for file, rule in (
        (settings().experiments, "is the live file itself"),
        (tmp_path / "no", "can't be read"),
    ):
        mistake = run("apply", file, "--why", "w").exception
        assert isinstance(mistake, ChangeError)
        assert rule in str(mistake)
    assert settings().experiments.read_text() == ONE
    assert list(decisions(home)) == []


def test_stop_changes_one_line(home: Home) -> None:
    """The switch is thrown in the file, by name and reason; a second time it says so."""
    settings().experiments.write_text(ONE)
    done = said("stop", "try", "--why", "b harms", "--by", "ben")
    state = read_state(home.state)
    assert state is not None
    assert done["after"] == state.experiments
    assert settings().experiments.read_text() == ONE.replace(
        "      - name: try\n", "      - name: try\n        enabled: false\n"
    )
    [event] = [each for each in decisions(home) if each["event"] == "experiment stopped"]
    assert (event["by"], event["reason"]) == ("ben", "b harms")
    again = run("stop", "try", "--why", "w").exception
    assert "'try' is stopped already" in str(again)
    assert "it has try" in str(run("stop", "other", "--why", "w").exception)
