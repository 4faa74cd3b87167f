"""`ballast drift` on a log without decisions. (With them: tests of the comparison, and tests/serve.)"""

from __future__ import annotations

from bentos.home.state import Home
from tests.bentos.commands.running import mistake


def test_an_empty_window_is_one_sentence(empty: Home) -> None:
    error = mistake("drift", "--from", "2024-06-01", "--until", "2024-06-02")
    assert str(error).startswith("the window has no decisions")
