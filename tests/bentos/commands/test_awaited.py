"""What `ballast up` says while nothing serves yet, and under its banner."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from bentos.commands.awaited import Awaited, Problems, awaited
from bentos.home.live_processes import process_started
from bentos.home.state import Home
from bentos.home.steward_report import (
    LastWord,
    OverrideReport,
    ReportWriter,
    RulingReport,
    StewardReport,
    last_word,
)
from bentos.settings import settings


def _ruled(outcome: str, override: OverrideReport | None = None) -> RulingReport:
    return RulingReport(outcome, "size: 300 rows are too few", 5.0, 1.0, None, (), override)


def _said(**facts: Any) -> tuple[str, ...]:
    return awaited(LastWord(StewardReport(aliases={"champion": "1"}, **facts), True, ()))


def test_a_steward_that_only_starts_is_no_reason() -> None:
    """Nor is one that is dead."""
    assert awaited(LastWord(None, False, ("the Steward has not run yet",))) == ()
    dead = StewardReport(examining=("1",))
    assert awaited(LastWord(dead, False, ())) == ()
    assert _said() == ()


def test_a_version_that_is_judged_is_waited_for() -> None:
    """Whatever else was found before."""
    assert _said(examining=("1",), problems=("no version has passed",)) == (
        "version 1 is being judged by the gate; it serves if it passes",
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (
            "hold",
            "version 1 is held, and nothing else can serve. To do: to serve it all the same, in your name",
        ),
        (
            "reject",
            "version 1 is rejected, and nothing else can serve. To do: ballast gate 1 shows every check",
        ),
    ],
)
def test_what_the_gate_keeps_out_says_why_and_what_to_do(outcome: str, words: str) -> None:
    [said] = _said(rulings={"1": _ruled(outcome)})
    assert said.startswith(words)
    assert said.endswith("Why: size: 300 rows are too few")
    assert ("ballast override 1 --why WHY" in said) is (outcome == "hold")


def test_what_may_serve_is_kept_out_by_nothing() -> None:
    override = OverrideReport("ana", "small", 1.0, 9.0)
    for ruling in (_ruled("pass"), _ruled("hold", override)):
        assert _said(rulings={"1": ruling}, problems=("MLflow is away",)) == ("MLflow is away",)


def test_each_thing_is_said_once(tmp_path: Path) -> None:
    """Also where seconds are counted in it; a reason to wait it stays."""
    home, said = Home(tmp_path), []
    look = Awaited(home, said.append).look
    assert not look()
    for seconds in (1, 2, 3):
        ReportWriter(home).write(StewardReport(problems=(f"MLflow is away for {seconds} s",)))
        assert look()
    assert said == ["MLflow is away for 1 s"]


def test_problems_come_and_go_under_the_banner(empty: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Those that are there at the start, and those that come later."""
    under = Problems(settings())
    own = {"pid": os.getpid(), "started": process_started(os.getpid()) or 0}
    for problems in (("live.yaml:3: no",), ("live.yaml:3: no",), ("live.yaml:3: no", "rain"), ()):
        ReportWriter(empty, time.time).write(StewardReport(problems=problems, **own))  # type: ignore[arg-type]
        assert last_word(empty, time.time()).alive
        under.look()
    said = capsys.readouterr().err.splitlines()
    assert said == ["! live.yaml:3: no", "! rain", "! nothing is wrong any more"]
