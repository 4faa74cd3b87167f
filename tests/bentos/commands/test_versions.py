"""`ballast promote` and `rollback`: what they refuse, and how they wait. (Served: tests/serve.)"""

from __future__ import annotations

import json

import pytest
import typer

from bentos.commands import versions
from bentos.home.acknowledgements import acknowledge
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHAMPION, Home, State, write_state
from models.gate.verdict import Result
from models.registry import NotRegistered, Registry
from tests.bentos.commands.running import mistake, run, told
from tests.bentos.home.verdicts import verdict


def test_an_alias_is_one_of_two(empty: Home) -> None:
    done = run("promote", "3", "--alias", "winner")
    assert done.exit_code == 2
    assert "--alias 'winner': must be champion or challenger" in told(done)


def test_without_a_registry_nothing_moves(empty: Home) -> None:
    done = run("promote", "3")
    assert done.exit_code == 3
    assert "does not answer" in told(done)


def test_a_version_that_is_not_there_is_not_rejected(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3, as `ballast gate` has it: 2 would say that the gate has rejected it."""

    def unknown(*_: object) -> None:
        raise NotRegistered("no version 31 of small")

    monkeypatch.setattr(Registry, "aliases", lambda *_: {})
    monkeypatch.setattr(Registry, "set_alias", unknown)
    done = run("promote", "31")
    assert done.exit_code == 3
    assert "error: no version 31 of small" in told(done)


def test_without_a_past_there_is_no_way_back(empty: Home) -> None:
    assert "there is nothing to go back to: no version has served" in str(mistake("rollback"))


def test_a_version_that_every_worker_serves_is_there(empty: Home, capsys: pytest.CaptureFixture[str]) -> None:
    state = State(4, "small", "snap", {CHAMPION: "3"})
    write_state(empty.state, state)
    acknowledge(empty.acks, "ranker", state)
    versions._await(empty, "champion", "3", as_json=False)
    assert "version 3 is champion, and serves on every worker after 0." in capsys.readouterr().out
    versions._await(empty, "champion", "3", as_json=True)
    assert json.loads(capsys.readouterr().out)["outcome"] == "serving"


@pytest.mark.parametrize("result", [Result.HOLD, Result.REJECT])
def test_a_version_that_the_gate_refused_ends_with_its_status(
    empty: Home, result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 for hold, 2 for reject, and the verdict beside it."""
    Rulings.of(empty).put(Ruling(1.0, verdict(result)))
    with pytest.raises(typer.Exit) as exit_:
        versions._await(empty, "champion", "3", as_json=False)
    written = capsys.readouterr()
    assert exit_.value.exit_code == int(result)
    assert f"version 3: {result.word}" in written.out
    assert "what served before keeps serving" in written.err


def test_what_nobody_takes_up_ends_with_status_3(
    empty: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(versions, "WAIT", 0.2)
    with pytest.raises(typer.Exit) as exit_:
        versions._await(empty, "champion", "3", as_json=False)
    assert exit_.value.exit_code == 3
    assert "points at version 3, but no worker serves it" in " ".join(capsys.readouterr().err.split())


def test_a_worker_with_a_problem_does_not_serve(empty: Home) -> None:
    state = State(4, "small", "snap", {CHAMPION: "3"})
    write_state(empty.state, state)
    acknowledge(empty.acks, "ranker", state, "no such file")
    assert versions._outcome(empty, "champion", "3") is None
