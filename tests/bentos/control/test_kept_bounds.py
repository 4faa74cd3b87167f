"""What readers of the log leave out follows what is served and declared."""

from __future__ import annotations

import json
from pathlib import Path

from bentos.control.kept_bounds import KeptBounds
from bentos.home.state import CHAMPION, Home, State
from monitoring.log.plausible import LogBounds, path, read


def test_they_follow_the_served_versions(tmp_path: Path) -> None:
    """Written when other versions serve or another range is declared, and only then."""
    home = Home(tmp_path)
    for number, first in (("1", 2e9), ("2", 1e9)):
        home.version(number).mkdir(parents=True)
        labels = {"least": 0.0, "most": 4.0, "graded": True}
        table = {"table": {"from": first, "labels": labels}}
        (home.version(number) / "evaluation.json").write_text(json.dumps(table))
    kept = KeptBounds(home)
    kept.keep(None)
    assert not path(home.log).exists()
    kept.keep(State(1, "small", "s", {CHAMPION: "1"}))
    assert read(home.log) == LogBounds(2e9, -4000.0, 4000.0)
    path(home.log).unlink()
    kept.keep(State(2, "small", "s", {CHAMPION: "1"}))
    assert not path(home.log).exists()
    kept.keep(State(3, "small", "s", {CHAMPION: "1", "2": "2"}, outcomes=(0.0, 9.0)))
    assert read(home.log) == LogBounds(1e9, 0.0, 9.0)
