"""Moments as text: cut, not rounded, and in UTC whatever the machine's zone."""

from __future__ import annotations

import time

import pytest

from monitoring.dates import to_day, to_minute, to_second


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_the_machines_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        last = 1_356_998_399.9
        assert to_day(last) == "2012-12-31"
        assert to_minute(last) == "2012-12-31 23:59 UTC"
        assert to_second(last) == "2012-12-31 23:59:59 UTC"
    finally:
        monkeypatch.undo()
        time.tzset()
