"""`ballast status`: what it finds in the home, whether anybody answers, and the exit code that follows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from bentos.environment import ROOT
from bentos.home.acknowledgements import acknowledge
from bentos.home.live_processes import process_started
from bentos.home.state import CHAMPION, Home, State, write_state
from bentos.home.steward_report import ReportWriter, StewardReport, StopReport
from bentos.settings import settings
from tests.bentos.commands.running import mistake, run, told
from tests.bentos.local.test_answering import METRICS, answering


def test_an_empty_home_has_no_epoch(empty: Home) -> None:
    done = run("status")
    assert done.exit_code == 2
    assert "small: epoch –" in done.stdout
    assert "! the Steward has not run yet" in told(done)
    found = json.loads(run("status", "--json").stdout)
    assert (found["state"], found["workers"], found["acknowledged"]) == (None, [], False)


def test_what_a_worker_serves_and_its_problem_are_shown(empty: Home) -> None:
    state = State(4, "small", "snap", {CHAMPION: "7"})
    write_state(empty.state, state)
    acknowledge(empty.acks, "ranker", state, "version 7 is not on disk")
    done = run("status")
    assert done.exit_code == 2
    assert "small: epoch 4" in done.stdout
    assert f"{CHAMPION} = 7" in done.stdout
    assert "version 7 is not on disk" in told(done)
    assert f"although a worker runs (pid {os.getpid()}): it hangs, or listens at another port" in told(done)


def test_a_state_that_is_none_is_a_problem_not_an_end(empty: Home) -> None:
    empty.state.parent.mkdir(parents=True)
    empty.state.write_text("{")
    found = json.loads(run("status", "--json").stdout)
    assert found["state"] is None
    assert any(str(empty.state) in problem for problem in found["problems"])


def test_a_declaration_that_is_absent_is_one_sentence(empty: Home) -> None:
    (empty.folder.parents[1] / "ranker.toml").unlink()
    assert "ranker.toml does not exist" in str(mistake("status"))


STATE = State(4, "small", "snap", {CHAMPION: "7"})


def _asked(monkeypatch: pytest.MonkeyPatch, home: Home, report: StewardReport, **page: Any) -> Any:
    """`ballast status --json` where a service answers with `page`, and a Steward with `report`."""
    write_state(home.state, STATE)
    acknowledge(home.acks, "ranker", STATE)
    ReportWriter(home).write(report)
    with answering(status=json.dumps({"ranker": "small", **page}), metrics=METRICS) as port:
        monkeypatch.setenv("BALLAST_PORT", str(port))
        settings.cache_clear()
        return run("status", "--json")


SERVES: dict[str, Any] = {"serving": {CHAMPION: {}}}
STOP = StopReport(
    kind="version", subject="3", quantity="fallback", evidence="much", done="2 serves", time=5.0, why="much"
)


@pytest.mark.parametrize(
    ("report", "page", "code"),
    [
        (StewardReport(), SERVES, 0),
        (StewardReport(problems=("MLflow is away",)), SERVES, 1),
        (StewardReport(guard={"3": STOP}), SERVES, 1),
        (StewardReport(), {"serving": None, "not_ready": "no state yet"}, 1),
    ],
)
def test_the_exit_code_says_how_it_is(
    monkeypatch: pytest.MonkeyPatch, empty: Home, report: StewardReport, page: dict[str, Any], code: int
) -> None:
    """0 where all is well, 1 for problems, stops and a service that serves nothing."""
    done = _asked(monkeypatch, empty, report, **page)
    assert done.exit_code == code, done.output
    found = json.loads(done.stdout)
    assert (found["answering"]["answers"], found["answering"]["ready"]) == (True, page["serving"] is not None)
    assert (found["rates"]["answers"], found["rates"]["refused"]) == (100, 3)


def test_a_steward_that_was_killed_is_a_problem_at_once(monkeypatch: pytest.MonkeyPatch, empty: Home) -> None:
    """Its report is a second old, and its process gone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as steward:
        started = process_started(steward.pid) or 0
        report = StewardReport(pid=steward.pid, started=started)
        assert _asked(monkeypatch, empty, report, **SERVES).exit_code == 0
        steward.kill()
        steward.wait()
    done = _asked(monkeypatch, empty, report, **SERVES)
    assert done.exit_code == 1
    assert (
        f"the Steward has ended (pid {steward.pid}, last seen 0 s ago)"
        in json.loads(done.stdout)["problems"][0]
    )


def test_watch_looks_until_it_is_interrupted(empty: Home) -> None:
    """And exits as the last look would."""
    with subprocess.Popen(
        [sys.executable, "-m", "bentos", "status", "--watch"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        # A shell starts what it puts into the background with Ctrl-C ignored, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stdout is not None
        seen = 0
        deadline = time.monotonic() + 100
        while seen < 2 and time.monotonic() < deadline:
            seen += "does not answer" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert (seen, process.returncode) == (2, 2)
