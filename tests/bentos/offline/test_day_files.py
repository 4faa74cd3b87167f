"""Files of closed days: hosts add up, damage is left out, old ones go."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bentos.offline.day_files import day_file, forget_before, read_days, write_day
from monitoring.drift.sketches import ColumnSketch


def _sketch(*values: float) -> ColumnSketch:
    sketch = ColumnSketch("numeric")
    sketch.update(pd.Series(values))
    return sketch


def test_hours_and_hosts_add_up(tmp_path: Path) -> None:
    """Two hours of this host and one of another's file are one day; a damaged file is none."""
    write_day(
        tmp_path, "2026-01-02", {("m/1", 1, "price"): _sketch(1.0), ("m/1", 2, "price"): _sketch(2.0, 3.0)}
    )
    own = day_file(tmp_path, "2026-01-02")
    own.with_name("2026-01-02-other.parquet").write_bytes(own.read_bytes())
    own.with_name("2026-01-02-third.parquet").write_bytes(b"no parquet")
    found = read_days(tmp_path, ["2026-01-01", "2026-01-02"])
    assert {day: {key: each.count for key, each in of.items()} for day, of in found.items()} == {
        "2026-01-02": {("m/1", "price"): 6}
    }


def test_old_days_go(tmp_path: Path) -> None:
    """A day without a sketch has a file too, so that it is not read again."""
    for day in ("2026-01-02", "2026-01-03"):
        write_day(tmp_path, day, {})
    forget_before(tmp_path, "2026-01-03")
    assert [path.name[:10] for path in tmp_path.iterdir()] == ["2026-01-03"]
