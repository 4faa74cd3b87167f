"""`ballast correction` shows corrections, and takes them back in a name and for a reason."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bentos.cli import app
from bentos.home.journal import decisions
from bentos.settings import settings
from tests.bentos.corrected import Place


def test_the_command_shows_and_drops(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.live(range(150), 0.0, 9.0)
    place.refit()
    place.publish()
    monkeypatch.setenv("BALLAST_HOME", str(place.home.folder.parent))
    monkeypatch.setenv("BALLAST_RANKER", str(place.toml))
    settings.cache_clear()
    run = CliRunner()
    try:
        (shown_,) = json.loads(run.invoke(app, ["correction", "--json"]).stdout)
        assert (shown_["version"], shown_["serving"], shown_["passed"], shown_["dropped"]) == (
            "1",
            True,
            True,
            None,
        )
        assert shown_["digest"] in run.invoke(app, ["correction"]).stdout
        told = run.invoke(app, ["correction", "drop", "1", "--by", "ana", "--reason", "looks odd"])
        assert told.exit_code == 0, told.output
        (after,) = json.loads(run.invoke(app, ["correction", "--json"]).stdout)
        assert after["dropped"]["reason"] == "looks odd"
    finally:
        settings.cache_clear()
    assert list(decisions(place.home))[-1]["event"] == "correction dropped"
