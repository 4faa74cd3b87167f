"""`ballast correction` shows corrections, and takes them back in a name and for a reason."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bentos.cli import app
from bentos.home.journal import decisions
from bentos.home.state import Home
from bentos.settings import settings
from tests.bentos.commands.running import mistake, run, said, told
from tests.bentos.corrected import Place


def test_the_command_shows_and_drops(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    monkeypatch.setenv("BALLAST_HOME", str(place.home.folder.parent))
    monkeypatch.setenv("BALLAST_RANKER", str(place.toml))
    settings.cache_clear()
    runner = CliRunner()
    try:
        (shown_,) = json.loads(runner.invoke(app, ["correction", "--json"]).stdout)
        assert (shown_["version"], shown_["serving"], shown_["passed"], shown_["dropped"]) == (
            "1",
            True,
            True,
            None,
        )
        assert shown_["digest"] in runner.invoke(app, ["correction"]).stdout
        dropped = runner.invoke(app, ["correction", "drop", "1", "--by", "ana", "--reason", "looks odd"])
        assert dropped.exit_code == 0, dropped.output
        (after,) = json.loads(runner.invoke(app, ["correction", "--json"]).stdout)
        assert after["dropped"]["reason"] == "looks odd"
    finally:
        settings.cache_clear()
    assert list(decisions(place.home))[-1]["event"] == "correction dropped"


def test_without_a_correction_it_says_how_to_ask_for_one(empty: Home) -> None:
    assert "no version has a correction; docs/ranker.md says how" in run("correction").stdout
    assert said("correction") == []


def test_what_is_not_there_cannot_be_dropped(empty: Home) -> None:
    error = mistake("correction", "drop", "7", "--reason", "r")
    assert str(error) == "correction: version '7' has none that could be dropped"


def test_dropping_one_needs_a_reason(empty: Home) -> None:
    done = run("correction", "drop", "7")
    assert done.exit_code == 2
    assert "Missing option '--why'" in told(done)
