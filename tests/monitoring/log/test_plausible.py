"""A record that can't be meant is in no window, and none moves the log's own clock."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from monitoring.log.plausible import LogBounds, newest, oldest, path, read, write
from monitoring.log.window import window
from tests.monitoring.records import decision, outcome, write_decisions, write_outcomes

NOW = 1.7e9
BOUNDS = LogBounds(first=1.3e9, least=0.0, most=4.0)
YEAR_1, YEAR_9999 = -62_135_596_800.0, 253_402_300_799.0


def test_bounds_are_kept(tmp_path: Path) -> None:
    """And damaged ones bound as none would."""
    assert read(tmp_path) == LogBounds()
    write(tmp_path / "log", BOUNDS)
    assert read(tmp_path / "log") == BOUNDS
    before = path(tmp_path / "log").stat().st_ino
    write(tmp_path / "log", BOUNDS)
    assert path(tmp_path / "log").stat().st_ino == before
    path(tmp_path / "log").write_text("{")
    assert read(tmp_path / "log") == LogBounds()


@pytest.mark.parametrize(
    ("time", "holds"),
    [
        (NOW, True),
        (NOW + 3600, True),
        (1.3e9, True),
        (NOW + 3601, False),
        (1.29e9, False),
        (YEAR_1, False),
        (YEAR_9999, False),
    ],
)
def test_times_that_can_be_meant(tmp_path: Path, time: float, holds: bool) -> None:
    """Replays may begin where the table does; the log's readers leave out what the server would refuse."""
    assert BOUNDS.holds(time, NOW) is holds
    write(tmp_path, BOUNDS)
    write_decisions(tmp_path, decision("odd", time=time, received=NOW), decision("r", time=NOW, received=NOW))
    with window(tmp_path) as log:
        assert len(log.sql("SELECT * FROM decisions")) == 1 + holds


def test_a_year_back_is_meant_whatever_the_table() -> None:
    assert LogBounds(first=NOW).holds(NOW - 365 * 86400, NOW)
    assert not LogBounds(first=NOW).holds(NOW - 367 * 86400, NOW)


@pytest.mark.parametrize(("value", "kept"), [(4.0, 1), (1e308, 0), (-5.0, 0)])
def test_outcomes_that_can_be_meant(tmp_path: Path, value: float, kept: int) -> None:
    """One of 1e308 would be the mean of all others."""
    write(tmp_path, BOUNDS)
    write_decisions(tmp_path, decision("r", time=NOW, received=NOW))
    write_outcomes(tmp_path, outcome("r", "item-0", value, time=NOW, received=NOW))
    with window(tmp_path) as log:
        assert len(log.sql("SELECT * FROM outcomes")) == kept


@pytest.mark.parametrize("odd", [0.0, 1e6, 9e9])
@pytest.mark.parametrize("count", [3, 50, 5000])
@pytest.mark.parametrize("arrived", [-1.0, 1e5])
def test_one_record_moves_no_clock(odd: float, count: int, arrived: float) -> None:
    """A replay, an event every 100 seconds, and one request of another time, at either end or not."""
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE decisions AS SELECT 2e6 + 100 * range AS time, CAST(range AS DOUBLE) AS received "
        f"FROM range({count})"
    )
    connection.execute("INSERT INTO decisions VALUES (?, ?)", [odd, arrived])
    [(last, first)] = connection.execute(f"SELECT {newest()}, {oldest()}").fetchall()
    assert (first, last) == (2e6, 2e6 + 100 * (count - 1))


def test_an_empty_log_has_no_time() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE decisions (time DOUBLE, received DOUBLE)")
    assert connection.execute(f"SELECT {newest()}").fetchall() == [(0,)]
