"""Windows that are no evidence: kept in a file, left out of every window of the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.log.record import Decision, Outcome, encode, encode_outcomes
from monitoring.log.segments import SegmentWriter
from monitoring.log.struck import StruckError, StruckWindow, kept, path, read, strikes, write
from monitoring.log.window import window

STRUCK = StruckWindow(10.0, 20.0, "the feed was upside down", "ann", 99.0)
SUSPECTED = StruckWindow(50.0, None, "turned", "the guard", 99.0, suspected=True)


def test_windows_are_kept_and_half_open(tmp_path: Path) -> None:
    """What is only suspected is asked for by name."""
    write(tmp_path / "log", [STRUCK, SUSPECTED])
    assert read(tmp_path / "log") == (STRUCK,)
    assert read(tmp_path / "log", suspected=True) == (STRUCK, SUSPECTED)
    assert [STRUCK.holds(time) for time in (9.9, 10.0, 19.9, 20.0)] == [False, True, True, False]
    assert [SUSPECTED.holds(time) for time in (49.9, 50.0, 1e12)] == [False, True, True]
    assert strikes([STRUCK], 5.0, 15.0)
    assert not strikes([STRUCK], 5.0, 25.0)
    assert kept([]) == "true"
    assert kept([STRUCK, SUSPECTED], "t") == "NOT (t >= 10.0 AND t < 20.0) AND NOT (t >= 50.0)"


def test_a_file_that_holds_none_is_refused(tmp_path: Path) -> None:
    path(tmp_path).write_text("{")
    with pytest.raises(StruckError, match=r"struck\.json: holds no struck windows"):
        read(tmp_path)


def test_no_window_of_the_log_has_what_was_struck(tmp_path: Path) -> None:
    """Neither what was decided in it nor what was told in it; nothing is lost on disk."""
    decisions, outcomes = (SegmentWriter(tmp_path / kind, "test") for kind in ("decisions", "outcomes"))
    for time in (5.0, 12.0, 25.0):
        decisions.append(encode(_decision(time)))
        told = [(6.0, 1.0), (15.0, 2.0)] if time == 5.0 else [(time + 10.0, 3.0)]
        outcomes.append(
            encode_outcomes(
                [
                    Outcome(request_id=f"r{time}", item="a", value=value, time=at, received=at)
                    for at, value in told
                ]
            )
        )

    def seen() -> tuple[list[float], list[float]]:
        with window(tmp_path) as log:
            made = log.sql("SELECT time FROM decisions ORDER BY time")["time"].tolist()
            return made, log.sql("SELECT value FROM outcomes ORDER BY value")["value"].tolist()

    assert seen() == ([5.0, 12.0, 25.0], [1.0, 2.0, 3.0, 3.0])
    write(tmp_path, [STRUCK, SUSPECTED])
    assert seen() == ([5.0, 25.0], [1.0, 3.0])
    write(tmp_path, [])
    assert seen() == ([5.0, 12.0, 25.0], [1.0, 2.0, 3.0, 3.0])


def _decision(time: float) -> Decision:
    return Decision(
        request_id=f"r{time}",
        time=time,
        received=time,
        unit="u",
        context={},
        attributes={},
        arms=[],
        experiments="",
        epoch=1,
        model="small/1",
        snapshot="s",
        candidates=["a", "b"],
        slate=[0, 1],
        scores=[0.9, 0.1],
        propensities=[1.0],
        explored=False,
    )
