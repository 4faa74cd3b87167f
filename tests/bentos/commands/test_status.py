"""`ballast status` reads the home; it needs no service."""

from __future__ import annotations

import json

from bentos.home.state import CHAMPION, Home, State, acknowledge, write_state
from tests.bentos.commands.running import mistake, run, said, told


def test_an_empty_home_has_no_epoch(empty: Home) -> None:
    done = run("status")
    assert done.exit_code == 0
    assert "small: epoch –" in done.stdout
    assert "! the Steward has not run yet" in told(done)
    found = said("status")
    assert (found["state"], found["workers"], found["acknowledged"]) == (None, [], False)


def test_what_a_worker_serves_and_its_problem_are_shown(empty: Home) -> None:
    state = State(4, "small", "snap", {CHAMPION: "7"})
    write_state(empty.state, state)
    acknowledge(empty.acks, "ranker", state, "version 7 is not on disk")
    done = run("status")
    assert "small: epoch 4" in done.stdout
    assert f"{CHAMPION} = 7" in done.stdout
    assert "version 7 is not on disk" in told(done)


def test_a_state_that_is_none_is_a_problem_not_an_end(empty: Home) -> None:
    empty.state.parent.mkdir(parents=True)
    empty.state.write_text("{")
    found = json.loads(run("status", "--json").stdout)
    assert found["state"] is None
    assert any(str(empty.state) in problem for problem in found["problems"])


def test_a_declaration_that_is_absent_is_one_sentence(empty: Home) -> None:
    (empty.folder.parents[1] / "ranker.toml").unlink()
    assert "ranker.toml does not exist" in str(mistake("status"))
