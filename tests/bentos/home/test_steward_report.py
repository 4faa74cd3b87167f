"""steward.json: the same JSON as ever, written when something changes, read with what its age says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bentos.home.live_processes import process_started
from bentos.home.state import Home, StateError
from bentos.home.steward_report import (
    SILENT,
    CorrectionReport,
    ExperimentsReport,
    FailedCheck,
    FileProblem,
    HostReport,
    OverrideReport,
    RegistryReport,
    ReportWriter,
    RolloutHalt,
    RolloutReport,
    RolloutStep,
    RulingReport,
    StewardReport,
    StopReport,
    last_word,
    read_report,
)
from tests.bentos.home.clock import Clock

CHECK = {
    "name": "sign",
    "outcome": "hold",
    "sentence": "it goes down",
    "figure": 0.1,
    "limit": 0.2,
    "source": "x",
    "unit": "",  # later than the others, which older readers pass over
}
OVERRIDE = {"by": "ana", "reason": "known", "made": 1.0, "until": 9.0}
WRITTEN = {
    "time": 100.0,
    "pid": 7,
    "started": 8,
    "registry": {"uri": "http://m", "reachable": False, "since": 5.0, "error": "does not answer"},
    "aliases": {"champion": "3"},
    "experiments": {
        "file": "/live.yaml",
        "digest": "ab",
        "problems": [{"line": 1, "path": "version", "value": "7", "rule": "must be 1"}],
    },
    "rollouts": {
        "try": {
            "digest": "cd",
            "since": 1.0,
            "steps": [{"at": 1.0, "share": 0.1, "reason": "begins"}],
            "stopped": {"at": 2.0, "reason": "it is worse"},
            "action": "stop",
            "reason": "it is worse",
        }
    },
    "guard": {
        "3": {
            "kind": "version",
            "subject": "3",
            "quantity": "unsound scores",
            "evidence": "mean 1",
            "done": "version 2 serves",
            "time": 4.0,
            "told": True,
            "cleared": None,
            "why": "unsound scores: mean 1",
        }
    },
    "shared": {"role": "follows", "holder": "h:1", "reachable": True, "since": 3.0, "stale": True},
    "rulings": {
        "3": {
            "outcome": "hold",
            "reasons": "hold: sign: it goes down",
            "time": 2.0,
            "seconds": 0.5,
            "against": None,
            "failed": [CHECK],
            "override": OVERRIDE,
        }
    },
    "examining": ["4"],
    "corrections": {"3": {"serving": "ef", "last": None, "said": "passed"}},
    "problems": ["it rains"],
}
"""A report with everything in it, as releases before this type wrote it."""


def whole() -> StewardReport:
    step, halt = RolloutStep(1.0, 0.1, "begins"), RolloutHalt(2.0, "it is worse")
    check = FailedCheck("sign", "hold", "it goes down", 0.1, 0.2, "x")
    override = OverrideReport("ana", "known", 1.0, 9.0)
    stop = StopReport(
        kind="version",
        subject="3",
        quantity="unsound scores",
        evidence="mean 1",
        done="version 2 serves",
        time=4.0,
        told=True,
        why="unsound scores: mean 1",
    )
    rollout = RolloutReport(
        digest="cd", since=1.0, steps=(step,), stopped=halt, action="stop", reason="it is worse"
    )
    return StewardReport(
        pid=7,
        started=8,
        registry=RegistryReport("http://m", False, 5.0, "does not answer"),
        aliases={"champion": "3"},
        experiments=ExperimentsReport("/live.yaml", "ab", (FileProblem(1, "version", "7", "must be 1"),)),
        rollouts={"try": rollout},
        guard={"3": stop},
        shared=HostReport("follows", "h:1", True, 3.0, True),
        rulings={"3": RulingReport("hold", "hold: sign: it goes down", 2.0, 0.5, None, (check,), override)},
        examining=("4",),
        corrections={"3": CorrectionReport("ef", None, "passed")},
        problems=("it rains",),
    )


def test_the_json_is_that_of_earlier_releases(tmp_path: Path) -> None:
    """Field by field and in order, beside what later ones added; read again it is what was written."""
    home, clock = Home(tmp_path), Clock()
    ReportWriter(home, clock).write(whole())
    found = json.loads(home.steward.read_bytes())
    assert found.pop("guard_failures") == {}
    assert found.pop("repeats") == {"total": 0, "lately": 0, "example": ""}
    assert [found["guard"]["3"].pop(name) for name in ("since", "answers", "affects")] == [0.0, 0, ""]
    assert found == WRITTEN
    assert list(found) == list(WRITTEN)
    home.steward.write_text(json.dumps(WRITTEN, indent=1))
    assert read_report(home) == msgspec.structs.replace(whole(), time=100.0)


def test_what_was_not_there_is_left_out(tmp_path: Path) -> None:
    """A registry that answers has no error, a ruling without an override none."""
    home = Home(tmp_path)
    ruling = RulingReport("pass", "pass: files", 1.0, 0.1, "2", ())
    report = StewardReport(registry=RegistryReport("http://m", True, 1.0), rulings={"3": ruling})
    ReportWriter(home).write(report)
    found = json.loads(home.steward.read_bytes())
    assert "error" not in found["registry"]
    assert "override" not in found["rulings"]["3"]
    assert found["rulings"]["3"]["against"] == "2"
    assert found["shared"] is None


def test_a_report_of_another_release_is_read(tmp_path: Path) -> None:
    """What it lacks is empty, what it has beyond is left aside."""
    home = Home(tmp_path)
    home.steward.write_text('{"time": 5.0, "problems": ["x"], "weather": "fine"}')
    found = read_report(home)
    assert found is not None
    assert (found.time, found.problems, found.registry, found.stale) == (5.0, ("x",), None, False)


def test_an_unchanged_report_is_written_again_as_a_heartbeat_only(tmp_path: Path) -> None:
    """At once when something changed, every two seconds otherwise, and after the clock went back."""
    home, clock = Home(tmp_path), Clock()
    writer = ReportWriter(home, clock)
    times = []
    for moment, problems in ((100.0, ()), (100.5, ()), (101.0, ("x",)), (101.5, ("x",)), (103.5, ("x",))):
        clock.now = moment
        writer.write(StewardReport(problems=problems))
        times.append(json.loads(home.steward.read_bytes())["time"])
    assert times == [100.0, 100.0, 101.0, 101.0, 103.5]
    clock.now = 50.0
    writer.write(StewardReport(problems=("x",)))
    assert json.loads(home.steward.read_bytes())["time"] == 50.0


def test_the_last_word_of_a_living_steward_is_its_report(tmp_path: Path) -> None:
    """Up to fifteen seconds; from then on it counts as dead, and that stands before its own problems."""
    home = Home(tmp_path)
    ReportWriter(home, Clock(100.0)).write(StewardReport(problems=("it rains",)))
    fresh = last_word(home, 100.0 + SILENT - 0.1)
    assert (fresh.alive, fresh.problems) == (True, ("it rains",))
    silent = last_word(home, 120.0)
    assert not silent.alive
    assert silent.report == fresh.report
    assert silent.problems == ("the Steward was last seen 20 s ago: promotions wait", "it rains")
    assert not last_word(home, 100.0 + SILENT).alive


def test_without_a_report_that_is_said(tmp_path: Path) -> None:
    """Before the first one, and for a file that is none, by its name."""
    home = Home(tmp_path)
    none = last_word(home, 1.0)
    assert (none.report, none.alive, none.problems) == (None, False, ("the Steward has not run yet",))
    for content in ("{", "[]", '{"time": "now"}'):
        home.steward.write_text(content)
        broken = last_word(home, 1.0)
        assert (broken.report, broken.alive) == (None, False)
        assert broken.problems[0].startswith(f"{home.steward}: is no report of the Steward: ")
        with pytest.raises(StateError, match="is no report of the Steward"):
            read_report(home)


def test_status_reads_it_without_anything_slow() -> None:
    """Neither the gate nor the experiments come along."""
    slow = "numpy", "numba", "pandas", "mlflow"
    code = f"import sys, bentos.home.steward_report; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_steward_whose_process_is_gone_is_dead_at_once(tmp_path: Path) -> None:
    """However fresh its report is; another process of the same number is not it."""
    home = Home(tmp_path)
    own = process_started(os.getpid()) or 0
    for started, alive in ((own, True), (own + 1, False)):
        ReportWriter(home, Clock(100.0)).write(StewardReport(pid=os.getpid(), started=started))
        word = last_word(home, 100.5)
        assert word.alive is alive
    gone = f"the Steward has ended (pid {os.getpid()}, last seen 0 s ago): promotions wait"
    assert word.problems == (gone,)


def test_clients_are_told_what_may_change_the_order_of_answers() -> None:
    """Not what was stopped, which answers don't suffer from."""
    stop = whole().guard["3"]
    far = "up to 7 answers since 2013-04-15 07:00 UTC may be in another order"
    shared = msgspec.structs.replace(stop, kind="shared", subject="context out of range", affects=far)
    report = StewardReport(guard={"3": stop, shared.subject: shared})
    assert report.of_answers == (f"context out of range: {far}",)
