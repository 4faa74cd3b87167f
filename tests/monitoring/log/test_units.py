"""Who asked lately, each once, from segments and Parquet files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitoring.log import units
from monitoring.log.compact import Policy, compact
from monitoring.log.segments import segments
from monitoring.log.units import recent_units
from tests.monitoring.records import decision, write_decisions


def test_each_unit_once_with_its_attributes(tmp_path: Path) -> None:
    """Wherever its requests lie; a torn line is none."""
    write_decisions(tmp_path, *(decision(f"r{k}", unit=f"u{k % 5}") for k in range(20)))
    compact(tmp_path, Policy(least_bytes=0, wait=0))
    assert segments(tmp_path / "decisions") == []
    write_decisions(tmp_path, *(decision(f"s{k}", unit=f"v{k}", attributes={"k": k}) for k in range(3)))
    with segments(tmp_path / "decisions")[0].open("ab") as file:
        file.write(b'{"request_id":"torn')
    found = dict(recent_units(tmp_path, 100))
    assert sorted(found) == ["u0", "u1", "u2", "u3", "u4", "v0", "v1", "v2"]
    assert json.loads(found["v2"]) == {"k": 2}
    assert json.loads(found["u1"]) == {"country": "US"}
    assert len(recent_units(tmp_path, 3)) == 3


def test_only_the_newest_segments_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        write_decisions(tmp_path, decision(f"r{number}", unit=f"u{number}"))
    monkeypatch.setattr(units, "NEWEST", 10)
    assert [unit for unit, _ in recent_units(tmp_path, 9)] == ["u2"]
