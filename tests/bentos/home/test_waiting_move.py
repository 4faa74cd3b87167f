"""A rollback that waits for MLflow lies over the aliases that were seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.home.state import CHALLENGER, CHAMPION, Home, State, StateError
from bentos.home.waiting_move import WaitingMove, drop, overlaid, put, read

MOVE = WaitingMove("champion", "1", "2", "ana", 7.0)
STATE = State(4, "small", "s", {CHAMPION: "2", CHALLENGER: "3", "9": "9"})


def test_it_is_kept_until_it_is_dropped(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert read(home) is None
    put(home, MOVE)
    assert read(home) == MOVE
    drop(home)
    drop(home)
    assert read(home) is None


def test_a_file_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "waiting_move.json").write_text("{}")
    with pytest.raises(StateError, match="is no move of an alias"):
        read(Home(tmp_path))


def test_it_lies_over_what_was_seen(tmp_path: Path) -> None:
    """Over what the state has, where the registry was never reached."""
    assert overlaid({"champion": "2"}, STATE, None) == {"champion": "2"}
    assert overlaid(None, STATE, None) is None
    assert overlaid({"champion": "2", "challenger": "4"}, STATE, MOVE) == {"champion": "1", "challenger": "4"}
    assert overlaid(None, STATE, MOVE) == {"champion": "1", "challenger": "3"}
    assert overlaid(None, None, MOVE) == {"champion": "1"}
