"""Closed days of a served ranker: sketched once, compared, their alarms kept and told."""

from __future__ import annotations

import time

from bentos.home.drift_alarms import drift_folder, read_look
from bentos.home.journal import decisions
from bentos.home.state import Home
from bentos.offline.closed_days import look
from bentos.offline.day_files import left_out, read_days
from tests.bentos.corrected import Place

WEEKS = 21


def test_a_column_that_moved_is_an_alarm_until_it_is_back(place: Place) -> None:
    """All requests were of one hour, which training's are not; a second look reads no day again."""
    place.live(range(210), 0.0, WEEKS)
    found = look(place.home, time.time())
    assert ("hour", "training") in {(each.column, each.against) for each in found.alarms}, found.said
    assert "before" not in {each.against for each in found.alarms if each.column == "hour"}
    assert found == read_look(place.home)
    assert [each.cost for each in found.alarms] == sorted((each.cost for each in found.alarms), reverse=True)
    assert all(abs(each.cost - each.distance * each.importance) < 1e-3 for each in found.alarms)
    assert [each["event"] for each in decisions(place.home)] == ["drift begins"] * len(found.alarms)
    files = sorted((drift_folder(place.home) / "sketches").iterdir())
    times = [path.stat().st_mtime_ns for path in files]
    assert len(files) >= WEEKS - 1
    again = look(place.home, time.time())
    assert again.alarms == found.alarms
    assert [path.stat().st_mtime_ns for path in files] == times


def test_too_few_days_are_said(place: Place) -> None:
    """With the numbers that are needed; nothing is an alarm."""
    place.live(range(30), 0.0, 4.5)
    found = look(place.home, time.time())
    assert found.alarms == ()
    assert any("closed days, where 10 and 7 are needed" in sentence for sentence in found.said)


def test_a_version_that_is_gone_is_a_sentence(place: Place) -> None:
    """Its records stay; the other work goes on."""
    place.live(range(20), 0.0, 3.0)
    place.home.version("1").unlink()
    found = look(place.home, time.time())
    assert any(sentence.startswith("drift of small/1, ") for sentence in found.said)


def test_a_version_that_was_away_is_sketched_when_it_is_back(place: Place) -> None:
    """Its days' files get what they lacked; from then on they are left alone."""
    place.live(range(20), 0.0, 3.0)
    link = place.home.version("1")
    package = link.readlink()
    link.unlink()
    look(place.home, time.time())
    folder = drift_folder(place.home) / "sketches"
    days = sorted({path.name[:10] for path in folder.iterdir()})
    assert days
    assert {day: left_out(folder, day) for day in days} == {day: ["small/1"] for day in days}
    link.symlink_to(package)
    assert not any(
        sentence.startswith("drift of small/1, ") for sentence in look(place.home, time.time()).said
    )
    assert [left_out(folder, day) for day in days] == [[]] * len(days)
    assert read_days(folder, days).keys() == set(days)


def test_an_empty_log_has_no_look(place: Place) -> None:
    """Nothing is written before the first decision."""
    assert look(Home(place.home.folder.parent / "empty"), time.time()).day == ""
