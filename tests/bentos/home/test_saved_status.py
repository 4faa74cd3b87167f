"""The status from files alone: what is promoted, who serves it, and what is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bentos.home.saved_status import saved_status
from bentos.home.state import CHAMPION, Home, State, acknowledge, write_state
from bentos.home.steward_report import HostReport, ReportWriter, StewardReport
from bentos.settings import Settings, settings
from tests.bentos.home.clock import Clock

STATE = State(3, "small", "s", {CHAMPION: "1"})


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings of a ranker whose home is empty."""
    (tmp_path / "ranker.toml").write_text('[ranker]\nname = "small"\n')
    monkeypatch.setenv("BALLAST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BALLAST_RANKER", str(tmp_path / "ranker.toml"))
    settings.cache_clear()
    yield settings()
    settings.cache_clear()


def test_before_anything_has_run(own: Settings) -> None:
    """Nothing is promoted, nobody serves, and the Steward has not run."""
    found = saved_status(own)
    assert (found["ranker"], found["state"], found["workers"]) == ("small", None, [])
    assert (found["acknowledged"], found["stale"]) == (False, False)
    assert found["steward"] == {"alive": False, "problems": ["the Steward has not run yet"]}
    assert found["problems"] == ["the Steward has not run yet"]


def test_all_is_well(own: Settings) -> None:
    """The state, each worker's word, and the Steward's own report beside whether it lives."""
    home = Home(own.ranker_home)
    write_state(home.state, STATE)
    acknowledge(home.acks, "ranker", STATE)
    ReportWriter(home).write(StewardReport(pid=7))
    found = saved_status(own)
    assert found["state"]["versions"] == {CHAMPION: "1"}
    assert [(each["kind"], each["epoch"]) for each in found["workers"]] == [("ranker", 3)]
    assert (found["acknowledged"], found["problems"]) == (True, [])
    assert (found["steward"]["alive"], found["steward"]["pid"]) == (True, 7)


def test_what_is_wrong_is_said(own: Settings) -> None:
    """By worker, by the Steward, and that what is served may not be what is promoted."""
    home = Home(own.ranker_home)
    write_state(home.state, STATE)
    ack = acknowledge(home.acks, "ranker", STATE, "epoch 4 can't be served: gone")
    shared = HostReport("follows", "h", True, 1.0, True)
    ReportWriter(home, Clock(time.time() - 20)).write(StewardReport(shared=shared, problems=("it rains",)))
    found = saved_status(own)
    assert (found["acknowledged"], found["stale"], found["steward"]["alive"]) == (False, True, False)
    worker, silent, rain = found["problems"]
    assert worker == f"worker {ack.pid}: epoch 4 can't be served: gone"
    assert silent.startswith("the Steward was last seen 20 s ago")
    assert rain == "it rains"
    assert found["steward"]["problems"] == [silent, rain]


def test_a_state_that_is_none_is_named(own: Settings) -> None:
    """And the rest is still told."""
    home = Home(own.ranker_home)
    home.folder.mkdir(parents=True)
    home.state.write_text("{")
    found = saved_status(own)
    assert found["state"] is None
    assert "state.json: is not a state" in found["problems"][0]
    assert found["problems"][1] == "the Steward has not run yet"
