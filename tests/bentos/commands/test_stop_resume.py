"""`ballast experiment stop` and `resume` as a person or a pipeline uses them."""

from __future__ import annotations

from bentos.home.journal import decisions
from bentos.home.state import Home, read_state
from bentos.settings import settings
from tests.bentos.commands.running import mistake, said
from tests.bentos.files import LIVE

ONE = LIVE % "@challenger"


def test_stop_changes_one_line(home: Home) -> None:
    """The switch is thrown in the file, by name and reason; a second time it says so."""
    settings().experiments.write_text(ONE)
    done = said("experiment", "stop", "try", "--why", "b harms", "--by", "ben")
    state = read_state(home.state)
    assert state is not None
    assert done["after"] == state.experiments
    assert settings().experiments.read_text() == ONE.replace(
        "      - name: try\n", "      - name: try\n        enabled: false\n"
    )
    [event] = [each for each in decisions(home) if each["event"] == "experiment stopped"]
    assert (event["by"], event["reason"]) == ("ben", "b harms")
    again = mistake("experiment", "stop", "try", "--why", "w")
    assert "'try' is stopped already" in str(again)
    assert "it has try" in str(mistake("experiment", "stop", "other", "--why", "w"))
