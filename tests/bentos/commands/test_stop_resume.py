"""`ballast experiment stop` and `resume` as a person or a pipeline uses them."""

from __future__ import annotations

from bentos.home.journal import decisions
from bentos.home.state import Home, read_state
from bentos.settings import settings
from tests.bentos.commands.running import mistake, said
from tests.bentos.files import LIVE

ONE = LIVE % "@challenger"


def test_start_takes_back_what_stop_did(home: Home) -> None:
    """In the file and in the journal; what runs already is said to."""
    settings().experiments.write_text(ONE)
    assert "'try' runs already" in str(mistake("experiment", "start", "try", "--why", "w"))
    said("experiment", "stop", "try", "--why", "b harms", "--by", "ben")
    done = said("experiment", "start", "try", "--why", "b is mended", "--by", "ana")
    state = read_state(home.state)
    assert state is not None
    assert done["after"] == state.experiments
    assert settings().experiments.read_text() == ONE.replace(
        "      - name: try\n", "      - name: try\n        enabled: true\n"
    )
    [event] = [each for each in decisions(home) if each["event"] == "experiment started"]
    assert (event["by"], event["reason"]) == ("ana", "b is mended")


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
