"""`ballast experiment analyze` of the log. (Effects: tests of the analysis, and tests/serve.)"""

from __future__ import annotations

from bentos.home.state import Home
from tests.bentos.commands.running import mistake


def test_an_experiment_that_nobody_was_in_is_one_sentence(home: Home) -> None:
    assert "the log has no decision of 'other'; it has try" in str(mistake("experiment", "analyze", "other"))


def test_an_empty_log_has_none(empty: Home) -> None:
    assert "the log has no decision of 'try'; it has none" in str(mistake("experiment", "analyze", "try"))


def test_a_file_that_is_gone_is_named(home: Home) -> None:
    """Decisions name the live.yaml that was in force by its digest; without it nobody can read them."""
    assert "the compiled file 'e', under which it ran, is missing" in str(
        mistake("experiment", "analyze", "try")
    )
