"""`ballast gate` without a registry. (With one: tests/serve.)"""

from __future__ import annotations

from bentos.home.state import Home
from tests.bentos.commands.running import mistake


def test_without_a_registry_nothing_is_judged(empty: Home) -> None:
    assert "does not answer" in str(mistake("gate", "3"))
    assert not empty.state.exists()
