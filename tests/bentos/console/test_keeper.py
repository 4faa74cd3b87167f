"""The process is started once there is a state, again when it ends, and ended with the Steward."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bentos.console import keeper
from bentos.home.state import Home


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_is_kept_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each start leaves a line; the third stays, and ends when it is told to."""
    told = tmp_path / "told"
    code = (
        f"import time; file = open({str(told)!r}, 'a+'); file.write('x'); file.flush(); file.seek(0)\n"
        "time.sleep(60 if len(file.read()) > 2 else 0)"
    )
    monkeypatch.setattr(keeper, "COMMAND", (sys.executable, "-c", code))
    for name, seconds in (("LOOK", 0.02), ("SETTLED", 0.0), ("FIRST", 0.01)):
        monkeypatch.setattr(keeper, name, seconds)
    stop, home = threading.Event(), Home(tmp_path)
    thread = threading.Thread(target=keeper.keep_console, args=(home, stop))
    thread.start()
    time.sleep(0.1)
    assert not told.exists()
    home.state.touch()
    wait(lambda: told.exists() and told.read_text() == "xxx")
    stop.set()
    thread.join(10.0)
    assert not thread.is_alive()
    assert told.read_text() == "xxx"
