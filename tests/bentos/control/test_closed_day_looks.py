"""Looks at closed days beside the Steward: a process that does its work, or says why it can't."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from bentos.control.closed_day_looks import look_apart, look_now_and_then
from bentos.home.drift_alarms import read_look
from bentos.home.state import Home
from tests.bentos.corrected import Place


def test_days_are_looked_at_apart(place: Place) -> None:
    """Its own process writes what it found."""
    place.live(range(20), 0.0, 3.0)
    home, stop = Home(place.home.folder, place.toml), threading.Event()
    thread = threading.Thread(target=look_now_and_then, args=(home, stop, 0.01))
    thread.start()
    for _ in range(600):
        if read_look(home).day or stop.wait(0.1):
            break
    stop.set()
    thread.join(10)
    assert read_look(home).day
    assert not thread.is_alive()


def test_what_prevents_it_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file where the log should be: one sentence, and nothing raises."""
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "decisions").write_text("no folder")
    with caplog.at_level(logging.WARNING):
        look_apart(Home(tmp_path), threading.Event())
    assert "drift: closed days were not looked at: " in caplog.text
    assert "Traceback" not in caplog.text
