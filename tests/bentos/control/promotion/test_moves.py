"""What people ask for has a name, a reason and an end, and is refused in words where it can't be done."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import ANY

import pytest

from bentos.control.promotion.moves import AliasMoves, MoveError, override, withdraw_override
from bentos.home.journal import decisions
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHAMPION, Home, Served, State, write_state
from bentos.home.steward_report import (
    HostReport,
    OverrideReport,
    RegistryReport,
    ReportWriter,
    StewardReport,
)
from bentos.home.waiting_move import read
from models.gate.verdict import Override, Result
from models.registry import Registry, RegistryUnavailable
from tests.bentos.home.verdicts import verdict


class Aliased(Registry):
    """A registry that has nothing but aliases."""

    def __init__(self, **named: str) -> None:
        super().__init__("http://127.0.0.1:1")
        self.named = dict(named)

    def aliases(self, ranker: str) -> dict[str, str]:
        return dict(self.named)

    def set_alias(self, ranker: str, alias: str, version: str) -> None:
        self.named[alias] = version

    def delete_alias(self, ranker: str, alias: str) -> None:
        del self.named[alias]


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
    """A rollback says why it can't be."""
    home = Home(tmp_path)
    moves = AliasMoves(Aliased(champion="3"), home, "flights", "ana")
    with pytest.raises(MoveError, match="no version has served"):
        moves.rollback()
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}))
    with pytest.raises(MoveError, match="none served before version 3"):
        moves.rollback()


def test_a_rollback_first_brings_the_alias_back_to_what_serves(tmp_path: Path) -> None:
    """The version that the alias names was refused: what serves stays, and nothing waits to serve later."""
    home, registry = Home(tmp_path), Aliased(champion="4")
    moves = AliasMoves(registry, home, "flights", "ana")
    before = (Served("1", 0.0, 1.0), Served("2", 1.0, 2.0))
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}, previous=before))
    assert (moves.way_back(), moves.rollback(), registry.named) == ("3", "3", {"champion": "3"})
    assert (moves.rollback(), registry.named) == ("2", {"champion": "2"})
    registry.named["champion"] = "3"
    write_state(home.state, State(2, "flights", "s", {CHAMPION: "3"}, previous=before, stopped={"2": "slow"}))
    assert moves.way_back() == "1"  # what the guard stopped is no way back
    held = Ruling(1.0, verdict(Result.HOLD, "1"), override=Override("ana", "known", 1.0, 2.0))
    Rulings.of(home).put(held)
    with pytest.raises(MoveError, match="none of those that served before version 3 may serve"):
        moves.way_back()


class Away(Aliased):
    """One that does not answer, which is found out by asking."""

    def aliases(self, ranker: str) -> dict[str, str]:
        raise RegistryUnavailable("MLflow does not answer")

    def set_alias(self, ranker: str, alias: str, version: str) -> None:
        raise RegistryUnavailable("MLflow does not answer")


def test_without_a_registry_a_rollback_waits_to_be_told(tmp_path: Path) -> None:
    """What serves is this host's own knowledge; where the alias pointed is what the Steward saw last."""
    home = Home(tmp_path)
    before = (Served("1", 0.0, 1.0), Served("2", 1.0, 2.0))
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}, previous=before))
    moves = AliasMoves(Away(), home, "flights", "ana")
    seen = StewardReport(aliases={"champion": "3"})
    ReportWriter(home).write(seen)
    assert moves.rollback() == "2"
    move = read(home)
    assert move is not None
    assert (move.alias, move.version, move.before, move.by) == ("champion", "2", "3", "ana")
    write_state(home.state, State(2, "flights", "s", {CHAMPION: "2"}, previous=before[:1]))
    assert moves.way_back() == "1", "the move that waits is where the alias points"
    [line] = decisions(home)
    assert (line["event"], line["version"], line["waits"]) == ("asked", "2", "MLflow does not answer")


def test_a_registry_known_to_be_away_is_not_asked(tmp_path: Path) -> None:
    """Asking takes seconds. And a rollback that MLflow hears of ends one that waited."""
    home, registry = Home(tmp_path), Aliased(champion="3")
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}, previous=(Served("2", 0.0, 1.0),)))
    moves = AliasMoves(registry, home, "flights", "ana")
    away = RegistryReport("http://x", False, 5.0, "gone")
    ReportWriter(home).write(StewardReport(aliases={"champion": "3"}, registry=away))
    assert (moves.rollback(), registry.named) == ("2", {"champion": "3"})
    ReportWriter(home).write(StewardReport(aliases={"champion": "3"}))
    assert (moves.rollback(), registry.named) == ("2", {"champion": "2"})
    assert read(home) is None


def test_a_host_that_follows_does_not_roll_back_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_state(home.state, State(1, "flights", "s", {CHAMPION: "3"}, previous=(Served("2", 0.0, 1.0),)))
    shared = HostReport("follows", "other:1", True, 1.0, False)
    ReportWriter(home).write(StewardReport(aliases={"champion": "3"}, shared=shared))
    with pytest.raises(MoveError, match="this host follows other:1: run it on the host whose Steward leads"):
        AliasMoves(Away(), home, "flights", "ana").rollback()
    assert read(home) is None


@pytest.mark.parametrize(
    ("served", "alias", "before", "named", "to"),
    [
        ({CHAMPION: "2"}, "champion", "1", {"champion": "3"}, "2"),
        ({CHAMPION: "2"}, "champion", "1", {"champion": "5"}, "5"),  # somebody else moved it meanwhile
        ({CHAMPION: "3"}, "champion", "1", {"champion": "3"}, "3"),  # it serves by now
        ({CHAMPION: "2"}, "challenger", None, {"challenger": "3"}, None),
        ({CHAMPION: "2"}, "challenger", "1", {"challenger": "3"}, "1"),
        (None, "champion", None, {"champion": "3"}, "3"),  # a first version: nothing else is there
    ],
)
def test_a_refused_version_does_not_keep_its_alias(
    tmp_path: Path,
    served: dict[str, str] | None,
    alias: str,
    before: str | None,
    named: dict[str, str],
    to: str | None,
) -> None:
    """A later override would let it serve at once, and nobody asked for that."""
    home, registry = Home(tmp_path), Aliased(**named)
    if served is not None:
        write_state(home.state, State(1, "flights", "s", served))
    assert AliasMoves(registry, home, "flights", "ana").put_back(alias, "3", before) == to
    assert registry.named.get(alias) == to


def test_a_withdrawn_override_is_one_that_has_ended(tmp_path: Path) -> None:
    """What served by it goes, as it does when time is up."""
    home = Home(tmp_path)
    Rulings.of(home).put(Ruling(created=1.0, verdict=verdict(Result.HOLD), told=True))
    override(home, "3", "ana", "known", until=9e9)
    withdraw_override(home, "3", "bo")
    ruling = Rulings.of(home).get("3")
    assert ruling is not None
    assert ruling.override is not None
    assert (ruling.override_line, ruling.told) == ("the override by ana was withdrawn", False)
    assert ruling.refusal(1.0).startswith("the override by ana was withdrawn; hold: sign")
    with pytest.raises(MoveError, match="there is none on version 3"):
        withdraw_override(home, "3", "bo")
