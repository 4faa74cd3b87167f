"""Who takes over from a version whose files are damaged: the newest that passed the gate."""

from __future__ import annotations

from pathlib import Path

from bentos.control.heirs import heirs
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import CHALLENGER, CHAMPION, Home, Served, State
from models.gate.verdict import Check, Result, Verdict


def test_the_newest_that_passed_comes_first(tmp_path: Path) -> None:
    """The challenger too; never one that was held, has no ruling, or is gone."""
    home = Home(tmp_path)
    for version, result in {"2": Result.PASS, "9": Result.HOLD, "10": Result.PASS, "11": Result.PASS}.items():
        verdict = Verdict("small", version, (Check("files", result, "said"),), 1.0, 0.1)
        Rulings.of(home).put(Ruling(1.0, verdict))
    before = tuple(Served(each, 0.0, 1.0) for each in ("2", "9", "8"))
    state = State(4, "small", "s", {CHAMPION: "11", CHALLENGER: "10"}, previous=before)
    assert heirs(home, state, {"11"}) == ["10", "2"]
    assert heirs(home, state, {"11", "10", "2"}) == []
