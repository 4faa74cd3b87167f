"""`ballast experiment diff` and `history`: what a change would do, and what changes there were."""

from __future__ import annotations

import json
from pathlib import Path

from bentos.home.state import Home
from bentos.settings import settings
from experiments.config.check import parse
from tests.bentos.commands.running import mistake, run, said
from tests.bentos.files import LIVE

ONE, TWO = LIVE % "@challenger", LIVE % "2"


def test_diff_says_who_gets_another_model(home: Home, tmp_path: Path) -> None:
    """Of the units in the log; the file in place where none is given."""
    changed = tmp_path / "changed.yaml"
    changed.write_text(TWO)
    found = said("experiment", "diff", changed)
    assert (found["old"], found["new"], found["units"]) == (parse(ONE).digest, parse(TWO).digest, 50)
    assert "of 50 units get another model" in found["sentences"][0]
    shown = run("experiment", "diff", changed).stdout
    assert f"{parse(ONE).digest} is live, {parse(TWO).digest} is the change" in shown
    same = said("experiment", "diff")
    assert same["old"] == same["new"] == parse(settings().experiments.read_text()).digest
    assert said("experiment", "diff", changed, "--sample", "10")["units"] == 10


def test_history_counts_the_decisions_of_each_file(home: Home) -> None:
    rows = said("experiment", "history")
    assert [row["decisions"] for row in rows] == [50]
    assert "50" in run("experiment", "history").stdout


def test_nothing_live_is_one_sentence(empty: Home) -> None:
    (empty.folder.parents[1] / "live.yaml").write_text(ONE)
    assert "has no state with experiments; start the service once" in str(mistake("experiment", "diff"))
    assert json.loads(run("experiment", "history", "--json").stdout) == []
