"""`ballast evidence`: strike, list, take back."""

from __future__ import annotations

from bentos.home.state import Home
from bentos.home.stops import Stop, Stops
from monitoring.log.struck import suspect
from tests.bentos.commands.running import mistake, run, said


def test_nothing_is_struck_at_first(empty: Home) -> None:
    assert "nothing is struck from evidence" in run("evidence").stdout
    assert said("evidence", "list") == []


def test_a_window_is_struck_listed_and_taken_back(empty: Home) -> None:
    """In UTC and event time; what the guard suspects is shown beside."""
    window = ("--from", "2013-04-08", "--to", "2013-04-08T12:30")
    done = run("evidence", "strike", *window, "--why", "the feed was upside down", "--by", "ann")
    assert "the window is struck; outcomes are counted anew" in done.stdout
    suspect(empty.log, 1_365_500_000.0, "turned", 5.0)
    shown = " ".join(run("evidence").stdout.split())
    first = "1: struck from 2013-04-08 00:00 UTC to 2013-04-08 12:30 UTC, by ann: the feed was upside down"
    assert shown == f"{first} suspected from 2013-04-09 09:33 UTC, by the guard: turned"
    assert [each["suspected"] for each in said("evidence")] == [False, True]
    assert "evidence again" in run("evidence", "unstrike", "1", "--why", "it was the clock").stdout
    assert [each["suspected"] for each in said("evidence")] == [True]


def test_a_strike_needs_a_reason_and_an_end_after_its_begin(empty: Home) -> None:
    window = ("--from", "2013-04-08", "--to", "2013-04-07")
    assert "it needs a reason (--why)" in str(mistake("evidence", "strike", *window))
    assert "is not after --from" in str(mistake("evidence", "strike", *window, "--why", "x"))
    assert "3: there are 0 struck windows" in str(mistake("evidence", "unstrike", "3", "--why", "x"))


def test_a_word_that_outcomes_are_right_ends_the_suspicion(empty: Home) -> None:
    suspect(empty.log, 5.0, "turned", 5.0)
    Stops.of(empty).put(Stop("outcomes", "outcomes", "order against outcomes", "turned", "said", 5.0))
    run("guard", "clear", "outcomes", "--by", "ann", "--why", "the world has turned")
    assert said("evidence") == []
