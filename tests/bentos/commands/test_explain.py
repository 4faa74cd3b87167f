"""`ballast explain` of what the log does not have. (What it has: tests of the explanation.)"""

from __future__ import annotations

from bentos.commands.explain import CannotExplainError
from bentos.home.state import Home
from tests.bentos.commands.running import mistake


def test_an_id_that_the_log_lacks_is_a_sentence(empty: Home) -> None:
    error = mistake("explain", "no-such-request")
    assert isinstance(error, CannotExplainError)
    assert "no decision of that id" in str(error)
