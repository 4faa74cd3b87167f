"""What the files of a home say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bentos.home.acknowledgements import acknowledge
from bentos.home.saved_status import saved_status
from bentos.home.state import CHAMPION, Home, State, write_state
from bentos.home.steward_report import HostReport, ReportWriter, StewardReport
from bentos.settings import Settings

STATE = State(4, "small", "snap", {CHAMPION: "7"})


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    (tmp_path / "ranker.toml").write_text('[ranker]\nname = "small"\n')
    return Settings(home=tmp_path / "home", ranker=tmp_path / "ranker.toml")


@pytest.fixture
def home(config: Settings) -> Home:
    return Home(config.ranker_home)


def test_a_home_where_nothing_was_done(config: Settings) -> None:
    assert saved_status(config) == {
        "ranker": "small",
        "runner": "embedded",
        "state": None,
        "workers": [],
        "acknowledged": False,
        "steward": {"problems": ["the Steward has not run yet"], "alive": False},
        "stale": False,
        "problems": ["the Steward has not run yet"],
    }


def test_all_that_live_must_have_acknowledged(config: Settings, home: Home) -> None:
    """The state's epoch, without a problem."""
    write_state(home.state, STATE)
    acknowledge(home.acks, "ranker", STATE)
    found = saved_status(config)
    assert found["acknowledged"]
    assert (found["state"]["epoch"], found["workers"][0]["versions"]) == (4, {CHAMPION: "7"})
    acknowledge(home.acks, "ranker", State(3, "small", "snap", {CHAMPION: "6"}))
    assert not saved_status(config)["acknowledged"]
    ack = acknowledge(home.acks, "ranker", STATE, "no such file")
    found = saved_status(config)
    assert not found["acknowledged"]
    assert found["problems"][0] == f"worker {ack.pid}: no such file"


def test_the_steward_s_own_problems_come_last(config: Settings, home: Home) -> None:
    host = HostReport(role="follows", holder="b", reachable=False, since=1.0, stale=True)
    ReportWriter(home, time.time).write(StewardReport(problems=("MLflow is away",), shared=host))
    found = saved_status(config)
    assert (found["problems"], found["stale"]) == (["MLflow is away"], True)
    assert (found["steward"]["alive"], found["steward"]["shared"]["holder"]) == (True, "b")


def test_a_state_that_is_none_is_said_and_nothing_ends(config: Settings, home: Home) -> None:
    home.state.parent.mkdir(parents=True)
    home.state.write_text("{")
    found = saved_status(config)
    assert (found["state"], found["workers"]) == (None, [])
    assert str(home.state) in found["problems"][0]
