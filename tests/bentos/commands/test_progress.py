"""A bar on standard error, where that is a terminal."""

from __future__ import annotations

import pytest

from bentos.commands.progress import progress


def test_a_bar_counts_and_leaves_standard_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("reading", total=3) as (bar, task):
        bar.advance(task, 2)
        found = bar.tasks[0]
        assert (found.description, found.completed, found.total) == ("reading", 2, 3)
    assert capsys.readouterr().out == ""


def test_a_total_may_come_later() -> None:
    with progress("exporting") as (bar, task):
        assert bar.tasks[0].total is None
        bar.update(task, completed=5, total=10)
        assert bar.tasks[0].percentage == 50
