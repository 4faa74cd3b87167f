"""`ballast guard` and `guard clear`."""

from __future__ import annotations

from bentos.home.state import Home
from bentos.home.stops import Stop, Stops
from tests.bentos.commands.running import mistake, run, said


def test_nothing_is_stopped(empty: Home) -> None:
    assert "nothing is stopped" in run("guard").stdout
    assert said("guard") == {"stopped": [], "watched": {}}


def test_a_stop_is_listed_until_a_person_clears_it(empty: Home) -> None:
    """By name and for a reason, on record."""
    Stops.of(empty).put(Stop("version", "7", "fallbacks", "9 of 10 answers", "rolled back to 6", 5.0))
    assert "stopped: version 7: fallbacks: 9 of 10 answers; rolled back to 6" in " ".join(
        run("guard").stdout.split()
    )
    assert [stop["subject"] for stop in said("guard")["stopped"]] == ["7"]
    assert "it needs the name of who answers for it" in str(mistake("guard", "clear", "7"))
    done = run("guard", "clear", "7", "--by", "ana", "--reason", "the catalogue was late")
    assert "version 7 is cleared: it is watched anew from here" in done.stdout
    cleared = Stops.of(empty).get("7")
    assert cleared is not None
    assert cleared.cleared is not None
    assert (cleared.cleared.by, cleared.cleared.reason) == ("ana", "the catalogue was late")
    assert "nothing is stopped" in run("guard").stdout


def test_what_is_not_stopped_cannot_be_cleared(empty: Home) -> None:
    assert "'8'" in str(mistake("guard", "clear", "8", "--reason", "r")).replace('"', "'")


def test_a_stop_that_is_none_is_one_sentence(empty: Home) -> None:
    folder = empty.guard / "stops"
    folder.mkdir(parents=True)
    (folder / "7.json").write_text("{")
    assert "7.json: is no stop of the guard" in str(mistake("guard"))
