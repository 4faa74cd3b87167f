"""The last look at closed days, as other processes read it."""

from __future__ import annotations

from pathlib import Path

from bentos.home.drift_alarms import (
    MOST_SAID,
    DriftAlarm,
    DriftLook,
    DriftProblems,
    drift_folder,
    read_look,
    write_look,
)
from bentos.home.state import Home


def test_alarms_are_problems_within_bounds(tmp_path: Path) -> None:
    """The first ones in words, and how many more; none once they are over, or where the file is damaged."""
    home = Home(tmp_path)
    problems = DriftProblems(home)
    assert problems.problems() == []
    one = DriftAlarm(
        kind="feature", column="price", version="m/1", against="before", day="2026-01-02", distance=0.3,
        limit=0.1, since="2026-01-02", cost=3.0, sentence="drift: price",
    )  # fmt: skip
    look = DriftLook(alarms=(one,) * (MOST_SAID + 2), checked=1.0, day="2026-01-02")
    write_look(home, look)
    assert read_look(home) == look
    assert problems.problems()[-2:] == ["drift: price", "drift: 2 more alarms; see `ballast drift --live`"]
    assert len(problems.problems()) == MOST_SAID + 1
    (drift_folder(home) / "alarms.json").write_bytes(b"{")
    assert problems.problems() == []
