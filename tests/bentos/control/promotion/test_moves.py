"""What people ask for has a name, a reason and an end, and is refused in words where it can't be done."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import ANY

import pytest

from bentos.control.promotion.moves import AliasMoves, MoveError, override, withdraw_override
from bentos.home.journal import decisions
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHAMPION, Home, State, write_state
from bentos.home.steward_report import OverrideReport
from models.gate.verdict import Result
from models.registry import Registry
from tests.bentos.home.verdicts import verdict


def test_an_override_has_a_name_a_reason_and_an_end(tmp_path: Path) -> None:
    """It lets a held version serve until it ends; without a name, a reason or a future end there is none."""
    home = Home(tmp_path)
    with pytest.raises(MoveError, match="has not been judged"):
        override(home, "3", "ana", "known", until=9e9)
    Rulings.of(home).put(Ruling(created=1.0, verdict=verdict(Result.HOLD), told=True))
    for by, reason, until, rule in (
        ("", "x", 9e9, "name"),
        ("ana", " ", 9e9, "reason"),
        ("ana", "x", 5.0, "past"),
    ):
        with pytest.raises(MoveError, match=rule):
            override(home, "3", by, reason, until)
    ruling = override(home, "3", "ana", "label delay is known", until=9e9)
    assert ruling.serves(9e9 - 1)
    assert not ruling.serves(9e9)
    assert not ruling.told
    assert ruling.report(1.0).override == OverrideReport("ana", "label delay is known", ANY, 9e9)
    withdraw_override(home, "3", "bo")
    found = Rulings.of(home).get("3")
    assert found is not None
    assert not found.serves(0.0)
    assert [each["event"] for each in decisions(home)] == ["override", "override withdrawn"]


def test_there_is_nothing_to_go_back_to_at_first(tmp_path: Path) -> None:
    """A rollback says why it can't be, before it asks MLflow anything."""
    home = Home(tmp_path)
    moves = AliasMoves(Registry("http://127.0.0.1:1"), home, "flights", "ana")
    with pytest.raises(MoveError, match="no version has served"):
        moves.rollback()
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}))
    with pytest.raises(MoveError, match="none served before version 3"):
        moves.rollback()
