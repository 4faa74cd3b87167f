"""`ballast gate` without a registry. (With one: tests/serve.)"""

from __future__ import annotations

import pytest
import typer

from bentos.commands.gate import gate
from bentos.control.promotion.examiner import CannotJudge, Examiner
from bentos.home.state import Home
from models.registry import NotRegistered


def test_without_a_registry_nothing_is_judged(empty: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is no verdict: neither hold (1) nor reject (2)."""
    with pytest.raises(typer.Exit) as ended:
        gate("3")
    assert ended.value.exit_code == 3
    assert "no verdict: " in capsys.readouterr().err
    assert not empty.state.exists()


def test_a_host_that_lacks_something_gives_no_verdict(
    empty: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacks(_examiner: Examiner, _version: str) -> None:
        raise CannotJudge("version 3 can't be judged here")

    monkeypatch.setattr(Examiner, "examine", lacks)
    with pytest.raises(typer.Exit) as ended:
        gate("3")
    assert ended.value.exit_code == 3
    assert "no verdict: version 3 can't be judged here" in capsys.readouterr().err


def test_a_version_that_is_not_there_is_not_rejected(
    empty: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt number must not look like a verdict to a script."""

    def unknown(_examiner: Examiner, _version: str) -> None:
        raise NotRegistered("no version 31 of small")

    monkeypatch.setattr(Examiner, "examine", unknown)
    with pytest.raises(typer.Exit) as ended:
        gate("31")
    assert ended.value.exit_code == 3
    assert "no verdict: no version 31 of small" in capsys.readouterr().err
