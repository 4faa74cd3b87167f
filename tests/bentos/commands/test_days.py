"""Days, as commands take them."""

from __future__ import annotations

from datetime import datetime

from bentos.commands.days import seconds
from tests.bentos.commands.running import run, told


def test_a_day_begins_at_midnight_utc() -> None:
    """Whatever the machine's own zone is."""
    assert seconds(datetime(2024, 6, 1)) == 1717200000.0
    assert seconds(None) is None


def test_what_is_no_day_is_refused() -> None:
    done = run("drift", "--from", "1.6.2024")
    assert done.exit_code == 2
    assert "'1.6.2024'" in told(done)
    assert "%Y-%m-%d" in told(done)
