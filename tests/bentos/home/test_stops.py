"""What the guard stopped stays on disk until a person clears it, in a name and for a reason."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bentos.home import evidence as saved
from bentos.home.journal import decisions
from bentos.home.state import Home, StateError
from bentos.home.stops import Cleared, Stop, StopError, Stops, clear


def stop(subject: str = "3", time: float = 100.0) -> Stop:
    return Stop("version", subject, "unsound scores", "unsound scores: mean 1", "version 2 serves", time)


def test_a_stop_stays_until_a_person_clears_it(tmp_path: Path) -> None:
    """It is a file; clearing needs a name and a reason, is on record, and forgets the evidence."""
    home = Home(tmp_path)
    stops = Stops.of(home)
    assert stops.all() == []
    stops.put(stop("3"))
    stops.put(stop("delay_1h stands still", time=50.0))
    saved.save(home, "3", "digest", saved.KeptEvidence({}, {"unsound scores": {}}))
    assert [each.subject for each in Stops.of(home).all()] == ["delay_1h stands still", "3"]
    for by, reason in (("", "fixed"), ("ann", " ")):
        with pytest.raises(StopError, match="name of who answers"):
            clear(home, "3", by, reason)
    with pytest.raises(StopError, match="'7' is not stopped; stopped: delay_1h stands still, 3"):
        clear(home, "7", "ann", "fixed")
    clear(home, "3", "ann", "the feed is mended")
    assert set(stops.active("version")) == {"delay_1h stands still"}
    assert saved.read(home, "3", "digest") == {}
    [line] = decisions(home)
    assert (line["event"], line["why"], line["subject"]) == ("guard cleared", "ann: the feed is mended", "3")


def test_a_stop_says_why_in_one_line() -> None:
    """The quantity first, unless the evidence begins with it, or the fault is all versions' own."""
    known = stop()
    assert known.why == "unsound scores: mean 1"
    bare = msgspec.structs.replace(known, evidence="mean 1")
    assert bare.why == "unsound scores: mean 1"
    assert msgspec.structs.replace(bare, kind="shared").why == "mean 1"


def test_a_report_is_the_stop_and_why(tmp_path: Path) -> None:
    """As steward.json has it."""
    cleared = msgspec.structs.replace(stop(), cleared=Cleared("ann", "mended", 7.0), told=True)
    report = cleared.report()
    assert report.why == cleared.why
    assert (report.kind, report.subject, report.done, report.told) == (
        "version",
        "3",
        "version 2 serves",
        True,
    )
    assert report.cleared == {"by": "ann", "reason": "mended", "time": 7.0}


def test_a_file_that_is_no_stop_is_named(tmp_path: Path) -> None:
    """What stops a version is not to be passed over in silence."""
    stops = Stops.of(Home(tmp_path))
    stops.put(stop("3"))
    (stops.folder / "4.json").write_text("{}")
    with pytest.raises(StateError, match=r"4\.json: is no stop of the guard: "):
        stops.all()


def test_a_stop_that_was_nobodys_fault_is_forgotten(tmp_path: Path) -> None:
    """Subjects may hold blanks; forgetting what is not there is no error."""
    stops = Stops.of(Home(tmp_path))
    stops.put(stop("delay_1h stands still"))
    assert stops.get("delay_1h stands still") == stop("delay_1h stands still")
    stops.drop("delay_1h stands still")
    stops.drop("delay_1h stands still")
    assert stops.get("delay_1h stands still") is None


def test_what_is_amended_late_undoes_no_clear(tmp_path: Path) -> None:
    """The guard counts and tells on, while a person clears: the clear stays, and two amendments both do."""
    home = Home(tmp_path)
    stops, stop = Stops.of(home), Stop("shared", "context stands still", "q", "e", "d", 5.0)
    stops.put(stop)
    stops.amend(stop, answers=7)
    stops.amend(stop, told=True)
    now = stops.get(stop.subject)
    assert now is not None
    assert (now.answers, now.told, now.cleared) == (7, True, None)
    cleared = clear(home, stop.subject, "ana", "mended")
    stops.amend(now, answers=9)
    assert stops.get(stop.subject) == cleared
