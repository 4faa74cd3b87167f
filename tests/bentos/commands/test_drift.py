"""`ballast drift` without decisions, and how it prints outcomes. (With decisions: tests/serve.)"""

from __future__ import annotations

import pytest

from bentos.commands.drift import _print_outcomes
from bentos.home.state import Home
from monitoring.drift.change_point import DatedChange
from monitoring.drift.outcomes import OutcomeDrift
from tests.bentos.commands.running import mistake


def test_an_empty_window_is_one_sentence(empty: Home) -> None:
    error = mistake("drift", "--from", "2024-06-01", "--until", "2024-06-02")
    assert str(error).startswith("the window has no decisions")


def test_what_came_of_decisions_is_a_table_with_dates(capsys: pytest.CaptureFixture[str]) -> None:
    """What has drifted first; a change has its day and what it was from and to."""
    change = DatedChange(86400.0 * 9, 86400.0 * 8, 86400.0 * 10, 0.31, 0.42, 0.0005)
    still = OutcomeDrift("AUC", 0.73, 0.74, 0.03, 0.4, 0.04, (60, 20), False, None)
    moved = OutcomeDrift("outcomes", 0.31, 0.39, 0.03, 0.0005, 0.04, (60, 20), True, change)
    _print_outcomes([still, moved])
    lines = capsys.readouterr().out.splitlines()
    first, second = (line for line in lines if "outcomes " in line[:14] or "AUC" in line)
    assert "! outcomes" in first
    assert "0.390" in first
    assert "AUC" in second
    assert "1970-01-10" in "".join(lines)
    _print_outcomes([])
    assert capsys.readouterr().out == ""
