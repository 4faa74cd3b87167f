"""`ballast publish`: what it needs. (With a Redis: tests of the catalogue, and tests/serve.)"""

from __future__ import annotations

import pytest

from bentos.home.state import Home
from bentos.settings import settings
from tests.bentos.commands.running import mistake, run, told


def test_there_must_be_a_redis(empty: Home) -> None:
    done = run("publish")
    assert done.exit_code == 2
    assert "BALLAST_REDIS is not set" in told(done)


def test_there_must_be_a_catalogue(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a version that was trained; and it must be whole."""
    monkeypatch.setenv("BALLAST_REDIS", "redis://127.0.0.1:1")
    settings.cache_clear()
    assert "train a version first" in told(run("publish"))
    empty.current_catalogue.parent.mkdir(parents=True)
    empty.current_catalogue.write_text("abc\n")
    assert "abc" in str(mistake("publish"))
