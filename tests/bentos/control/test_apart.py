"""A process of its own: waited for, heard, and ended when it must."""

from __future__ import annotations

import threading
import time

import pytest

from bentos.control import apart
from bentos.control.apart import run_apart


def test_its_end_and_its_last_words_are_told() -> None:
    status, said = run_apart("json.tool", "--no-such-option", stop=threading.Event())
    assert status == 2
    assert "--no-such-option" in said


def test_it_ends_when_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the Steward ends, and where it takes too long: within a look or two."""
    stop, started = threading.Event(), time.monotonic()
    stop.set()
    assert run_apart("http.server", "0", stop=stop).status != 0
    monkeypatch.setattr(apart, "LIMIT", 0.6)
    ended = run_apart("http.server", "0", stop=threading.Event())
    assert (ended.status != 0, ended.said) == (True, "it took more than 1 s")
    assert time.monotonic() - started < 20
