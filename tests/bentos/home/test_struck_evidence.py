"""A person strikes a window: what rested on it is judged anew, on record."""

from __future__ import annotations

from pathlib import Path

import pytest

from bentos.home.journal import decisions
from bentos.home.rulings import Ruling, Rulings
from bentos.home.state import Home
from bentos.home.stops import Stop, Stops
from bentos.home.struck_evidence import LABELLED, restore, strike
from models.gate.verdict import Check, Result, Verdict
from monitoring.log.struck import StruckError, StruckWindow, read, suspect, trust

WINDOW = StruckWindow(100.0, 200.0, "the feed was upside down", "ann", 900.0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "small")


def stop(home: Home, subject: str, quantity: str, since: float) -> None:
    kind = "version" if subject.isdigit() else "outcomes"
    Stops.of(home).put(Stop(kind, subject, quantity, "turned", "stays out", 500.0, since=since))  # type: ignore[arg-type]


def ruled(home: Home, version: str, result: Result, name: str) -> None:
    check = Check(name, result, "scores go against the outcomes")
    Rulings.of(home).put(Ruling(1.0, Verdict("small", version, (check,), 1.0, 0.1)))


def test_what_rested_on_a_struck_window_is_judged_anew(home: Home) -> None:
    """Stops for outcomes of it, and versions that recent decisions kept out; nothing else."""
    assert {"order against outcomes", "scores too low", "scores too high"} == LABELLED
    stop(home, "3", "order against outcomes", 150.0)
    stop(home, "4", "unsound scores", 150.0)
    stop(home, "5", "order against outcomes", 250.0)  # of outcomes after it
    ruled(home, "6", Result.REJECT, "sign on recent decisions")
    ruled(home, "7", Result.REJECT, "sign on version 7's reference window")
    ruled(home, "8", Result.PASS, "sign on recent decisions")
    found = strike(home, WINDOW)
    assert (found.released, found.versions, found.corrections) == (("3",), ("6",), ())
    assert set(Stops.of(home).active("version")) == {"4", "5"}
    assert [each.verdict.version for each in Rulings.of(home).all() if each.anew] == ["6"]
    [line] = decisions(home)
    assert (line["event"], line["why"]) == ("evidence struck", "ann: the feed was upside down")
    assert (line["since"], line["until"], line["released"]) == (100.0, 200.0, ["3"])


def test_a_strike_decides_what_was_suspected(home: Home) -> None:
    """So does a person's word that outcomes are right; a strike of another time does not."""
    suspect(home.log, 150.0, "turned", 400.0)
    stop(home, "outcomes", "order against outcomes", 150.0)
    assert [each.suspected for each in read(home.log, suspected=True)] == [True]
    assert read(home.log) == ()
    strike(home, StruckWindow(50.0, 90.0, "other", "ann", 500.0))
    assert {each.suspected for each in read(home.log, suspected=True)} == {False, True}
    assert strike(home, WINDOW).released == ("outcomes",)
    assert [each.suspected for each in read(home.log, suspected=True)] == [False, False]
    suspect(home.log, 950.0, "turned", 990.0)
    trust(home.log)
    assert len(read(home.log, suspected=True)) == 2


def test_a_strike_is_taken_back_by_its_number(home: Home) -> None:
    strike(home, WINDOW)
    ruled(home, "6", Result.HOLD, "quality on recent decisions")
    assert restore(home, 1, "bob", "it was the clock", 950.0).versions == ("6",)
    assert read(home.log) == ()
    [*_, line] = decisions(home)
    assert (line["event"], line["why"], line["time"]) == ("evidence restored", "bob: it was the clock", 950.0)


@pytest.mark.parametrize(
    ("window", "message"),
    [
        (StruckWindow(1.0, 2.0, " ", "ann", 3.0), "it needs a reason"),
        (StruckWindow(1.0, 2.0, "why", "", 3.0), "the name of who answers"),
        (StruckWindow(2.0, 2.0, "why", "ann", 3.0), "--to 2 is not after --from 2"),
    ],
)
def test_a_strike_that_means_nothing_is_refused(home: Home, window: StruckWindow, message: str) -> None:
    with pytest.raises(StruckError, match=message):
        strike(home, window)
    assert not home.log.exists()


def test_an_unknown_number_is_refused(home: Home) -> None:
    with pytest.raises(StruckError, match="2: there are 0 struck windows"):
        restore(home, 2, "ann", "why", 1.0)
    with pytest.raises(StruckError, match="it needs a reason"):
        restore(home, 1, "ann", "", 1.0)
