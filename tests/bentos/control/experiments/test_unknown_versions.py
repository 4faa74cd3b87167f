"""Versions that a home has never heard of."""

from __future__ import annotations

from pathlib import Path

from bentos.control.experiments.unknown_versions import unknown_versions
from bentos.home.state import CHAMPION, Home, State, write_state
from experiments.config.check import parse
from tests.bentos.files import LIVE


def test_a_home_that_knows_nothing_says_nothing(tmp_path: Path) -> None:
    assert unknown_versions(Home(tmp_path), parse(LIVE % "99")) == []


def test_what_was_served_judged_or_downloaded_is_known(tmp_path: Path) -> None:
    """Everything else gets a sentence; an alias never."""
    home = Home(tmp_path)
    write_state(home.state, State(1, "small", "snap", {CHAMPION: "7"}))
    (home.folder / "gate").mkdir()
    (home.folder / "gate" / "10.json").write_text("{}")
    home.version("8").mkdir(parents=True)
    for known in ("7", "8", "10", "@challenger"):
        assert unknown_versions(home, parse(LIVE % known)) == []
    [said] = unknown_versions(home, parse(LIVE % "99"))
    assert said.startswith(
        "version 99 is not known here (known: 7, 8, 10): unless MLflow has it and the gate"
    )
